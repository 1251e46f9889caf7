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

const (
	stormOrders = 100 // that are placed at least
	stormKills  = 30  // that hit an attempt which was under way at least
	stormBuyers = 6   // at once
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
	mu            sync.Mutex
	placed        int
	failed        int
	hits          int
	slow, slowest time.Duration
}

// TestStorm lets buyers order while random services, the gateway and Redis are killed at random moments, until there were
// a hundred orders and thirty kills while an order was under way: then the books agree.
func TestStorm(t *testing.T) {
	t.Parallel()
	start := seed(t)
	t.Logf("SOUK_SEED=%d", start)
	random := rand.New(rand.NewSource(start))
	s := &storm{fleet: startFleet(t)}
	s.load(stocked(t, 3, 10_000))
	shades := s.shades(3)
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
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
					t.Error(err)
					return
				}
			}
		})
	}
	for ; !s.enough() && ctx.Err() == nil; kills++ {
		pause(ctx, time.Duration(random.Intn(600))*time.Millisecond)
		s.killOne(random)
	}
	close(calm)
	buyers.Wait()
	b := s.balanced()
	t.Logf("%d kills, %d while an order was under way; %d orders placed, %d declined, the slowest took %s; %s in all",
		kills, s.hits, s.placed, s.failed, s.slowest.Round(time.Millisecond), time.Since(began).Round(time.Second))
	if b.Orders != s.placed || s.placed < stormOrders || s.hits < stormKills {
		t.Errorf("%d orders are in the books, buyers know of %d, and %d kills hit: want the same number, at least %d, and %d hits", b.Orders, s.placed, s.hits, stormOrders, stormKills)
	}
}

func (s *storm) enough() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.placed >= stormOrders && s.hits >= stormKills
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

// killOne kills one of the processes, tells what that hit, and starts it again.
func (s *storm) killOne(random *rand.Rand) {
	s.t.Helper()
	victims := []string{"checkout", "checkout", "product", "product", "cart", "cart", "fakepay", "redis"}
	victim := victims[random.Intn(len(victims))]
	before := time.Now()
	if victim == "redis" {
		s.redis.kill()
	} else {
		s.processes[victim].kill()
	}
	after := time.Now()
	hit := s.texts("checkout", `SELECT state FROM completions WHERE created_at <= $1 AND (ended_at IS NULL OR ended_at >= $2)`, before, after)
	s.mu.Lock()
	if len(hit) > 0 {
		s.hits++
	}
	s.t.Logf("kill of %s after order %d: under way %s", victim, s.placed, counted(hit))
	s.mu.Unlock()
	if victim == "redis" {
		s.redis.start()
	} else {
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
