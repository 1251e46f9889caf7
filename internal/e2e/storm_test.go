package e2e

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// seed is that of SOUK_SEED, or another one each time.
func seed(t *testing.T) int64 {
	t.Helper()
	text := os.Getenv("SOUK_SEED")
	if text == "" {
		return time.Now().UnixNano()
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("SOUK_SEED: %v", err)
	}
	return n
}

// storm is a crowd of buyers while processes are killed.
type storm struct {
	*fleet
	orders, blows int // to be placed, and to hit an attempt that is under way, at least
	sleepers      []string

	mu      sync.Mutex
	placed  int
	failed  int
	hits    int
	slowest time.Duration
}

// TestStorm lets buyers order while random services, the gateway and Redis are killed at random moments, until there were
// a hundred orders and thirty kills while an order was under way: then the books agree. It does so with one instance of each
// service, and with two, of which one also falls asleep.
func TestStorm(t *testing.T) {
	t.Parallel()
	start := seed(t)
	t.Logf("SOUK_SEED=%d", start)
	for name, s := range map[string]*storm{
		"one instance of each":  {orders: 100, blows: 30},
		"two instances of each": {orders: 100, blows: 30, sleepers: []string{"product again", "cart again", "checkout again"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var twice []string
			for _, process := range s.sleepers {
				twice = append(twice, strings.TrimSuffix(process, " again"))
			}
			s.fleet = startFleet(t, twice...)
			s.rage(rand.New(rand.NewSource(start)))
		})
	}
}

const stormBuyers = 6 // at once

// rage is the whole storm.
func (s *storm) rage(random *rand.Rand) {
	s.t.Helper()
	s.load(stocked(s.t, 3, 10_000))
	shades := s.shades(3)
	ctx, stop := context.WithTimeout(s.t.Context(), 5*time.Minute)
	var buyers sync.WaitGroup
	defer func() {
		stop()
		buyers.Wait()
	}()
	began := time.Now()
	calm, kills := make(chan struct{}), 0
	for buyer := range stormBuyers {
		own := rand.New(rand.NewSource(random.Int63()))
		buyers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-calm:
					return
				default:
				}
				if err := s.shopOnce(ctx, own, shades, fmt.Sprintf("buyer %d, order %04d", buyer, n)); err != nil {
					s.t.Error(err)
					return
				}
			}
		})
	}
	for ; !s.enough() && ctx.Err() == nil; kills++ {
		pause(ctx, time.Duration(random.Intn(600))*time.Millisecond)
		s.blow(ctx, random)
	}
	close(calm)
	buyers.Wait()
	b := s.balanced()
	s.t.Logf("%d blows, %d while an order was under way; %d orders placed, %d declined, the slowest took %s; %s in all",
		kills, s.hits, s.placed, s.failed, s.slowest.Round(time.Millisecond), time.Since(began).Round(time.Second))
	if b.Orders != s.placed || s.placed < s.orders || s.hits < s.blows {
		s.t.Errorf("%d orders are in the books, buyers know of %d, and %d blows hit: want the same number, at least %d, and %d hits", b.Orders, s.placed, s.hits, s.orders, s.blows)
	}
}

func (s *storm) enough() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.placed >= s.orders && s.hits >= s.blows
}

// shopOnce buys something, as often as it takes.
func (s *storm) shopOnce(ctx context.Context, random *rand.Rand, shades []string, key string) error {
	pay := "ok"
	if random.Intn(8) == 0 {
		pay = "decline"
	}
	shade, quantity := shades[random.Intn(len(shades))], 1+random.Intn(3)
	var p *purchase
	for {
		var err error
		if p, err = s.prepare(ctx, "", shade, quantity, pay); err == nil {
			break
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		pause(ctx, 50*time.Millisecond) // Whatever is missing comes back.
	}
	began := time.Now()
	c, err := p.settle(ctx, key)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slowest = max(s.slowest, time.Since(began))
	switch {
	case pay == "ok" && c.Status == "COMPLETED":
		s.placed++
	case pay == "decline" && c.Status == "FAILED" && c.Failure != nil && c.Failure.Code == "PAYMENT_DECLINED":
		s.failed++
	default:
		return fmt.Errorf("%s: paid with %s the completion is %+v (%+v)", key, pay, c, c.Failure)
	}
	return nil
}

// blow kills one of the processes or lets it sleep for a moment, tells what that hit, and starts it again.
func (s *storm) blow(ctx context.Context, random *rand.Rand) {
	s.t.Helper()
	victims := append([]string{"checkout", "checkout", "product", "product", "cart", "cart", "router", "fakepay", "redis"}, s.sleepers...)
	victim := victims[random.Intn(len(victims))]
	sleeps := slices.Contains(s.sleepers, victim) && random.Intn(2) == 0
	what := "kill"
	before := time.Now()
	switch {
	case sleeps:
		what = "sleep"
		s.processes[victim].freeze()
	case victim == "redis":
		s.redis.kill()
	default:
		s.processes[victim].kill()
	}
	after := time.Now()
	hit := s.texts("checkout", `SELECT state FROM completions WHERE created_at <= $1 AND (ended_at IS NULL OR ended_at >= $2)`, before, after)
	s.mu.Lock()
	if len(hit) > 0 && !sleeps {
		s.hits++
	}
	s.t.Logf("%s of %s after order %d: under way %s", what, victim, s.placed, counted(hit))
	s.mu.Unlock()
	switch {
	case sleeps:
		pause(ctx, time.Duration(random.Intn(2000))*time.Millisecond)
		s.processes[victim].thaw()
	case victim == "redis":
		s.redis.start()
	default:
		s.relaunch(victim)
	}
}

// counted writes a list of words as how often each is in it.
func counted(words []string) string {
	slices.Sort(words)
	var parts []string
	for len(words) > 0 {
		n := 1
		for n < len(words) && words[n] == words[0] {
			n++
		}
		parts, words = append(parts, fmt.Sprintf("%d %s", n, words[0])), words[n:]
	}
	return strings.Join(parts, ", ")
}

// pause lets time pass: these stories are about what happens meanwhile.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
