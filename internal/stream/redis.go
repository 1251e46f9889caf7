package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/soukhq/souk/internal/event"
)

const (
	length  = 10_000             // entries that a stream keeps, about; who is further behind reads the log
	life    = 7 * 24 * time.Hour // of a stream to which nothing is added, such as that of an epoch that is over
	timeout = 1 * time.Second    // of a command, beyond the time that it is meant to wait
	refusal = "equal or smaller" // how Redis says that a stream is as far or further
	field   = "entry"            // of an entry of a stream: ours as JSON
)

// Redis carries events in Redis Streams: the id of an entry is its position, so that Redis itself refuses what was
// published before (rule E-10). It is safe for concurrent use.
type Redis struct{ client redis.UniversalClient }

// OpenRedis makes a connection to the Redis at an address. It need not answer yet.
func OpenRedis(address string) (*Redis, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("a Redis address begins with redis:// or rediss://")
	}
	redis.SetLogger(new(logging.VoidLogger)) // It would write what is also returned, in a format of its own.
	return &Redis{client: redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: []string{options.Addr}, Username: options.Username, Password: options.Password, DB: options.DB,
		TLSConfig: options.TLSConfig, ClientName: "souk",
		ContextTimeoutEnabled: true, DialTimeout: timeout, ReadTimeout: timeout, WriteTimeout: timeout, PoolTimeout: timeout, MaxRetries: -1,
	})}, nil
}

// Close gives the connections back; one on which Read was left waiting when that time is over.
func (r *Redis) Close() error { return r.client.Close() }

// Publish implements Stream.
func (r *Redis) Publish(ctx context.Context, log Log, entries []event.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	p := r.client.Pipeline()
	added := make([]*redis.StringCmd, len(entries))
	for i, e := range entries {
		text, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("write event %s: %w", e.Event.ID, err)
		}
		added[i] = p.XAdd(ctx, &redis.XAddArgs{Stream: log.Key(), ID: id(e.Position), MaxLen: length, Approx: true, Values: []any{field, string(text)}})
	}
	p.Expire(ctx, log.Key(), life)
	_, _ = p.Exec(ctx) // Each command has its own error.
	var known []event.Entry
	for i, a := range added {
		switch err := a.Err(); {
		case err == nil:
		case strings.Contains(err.Error(), refusal):
			known = append(known, entries[i])
		default:
			return fmt.Errorf("publish events of %s: %w", log.Service, err)
		}
	}
	return r.compare(ctx, log, known)
}

// compare looks whether the stream holds these entries, as far as it still has something in their places.
func (r *Redis) compare(ctx context.Context, log Log, known []event.Entry) error {
	if len(known) == 0 {
		return nil
	}
	found, err := r.client.XRange(ctx, log.Key(), id(known[0].Position), id(known[len(known)-1].Position)).Result()
	if err != nil {
		return fmt.Errorf("compare events of %s: %w", log.Service, err)
	}
	there, err := entriesOf(found)
	if err != nil {
		return err
	}
	ours := map[int64]event.Entry{}
	for _, e := range known {
		ours[e.Position] = e
	}
	for _, e := range there {
		if our, is := ours[e.Position]; is && our.Event.ID != e.Event.ID {
			return &Divergence{Position: e.Position}
		}
	}
	return nil
}

// Last implements Stream.
func (r *Redis) Last(ctx context.Context, log Log) (int64, error) {
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	found, err := r.client.XRevRangeN(ctx, log.Key(), "+", "-", 1).Result()
	if err != nil {
		return 0, fmt.Errorf("read end of the stream of %s: %w", log.Service, err)
	}
	entries, err := entriesOf(found)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	return entries[0].Position, nil
}

// Read implements Stream.
func (r *Redis) Read(ctx context.Context, log Log, after int64, limit int, wait time.Duration) ([]event.Entry, error) {
	block := wait
	if block <= 0 {
		block = -1 // The client takes 0 for "for ever".
	}
	type answer struct {
		streams []redis.XStream
		err     error
	}
	answers := make(chan answer, 1)
	within, stop := context.WithTimeout(ctx, wait+timeout)
	go func() { // A blocking command does not notice that its context was cancelled, so it is left behind then.
		defer stop()
		streams, err := r.client.XRead(within, &redis.XReadArgs{Streams: []string{log.Key(), id(after)}, Count: int64(limit), Block: block}).Result()
		answers <- answer{streams, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case a := <-answers:
		switch {
		case errors.Is(a.err, redis.Nil):
			return nil, nil
		case a.err != nil:
			return nil, fmt.Errorf("read events of %s: %w", log.Service, a.err)
		case len(a.streams) == 0:
			return nil, nil
		}
		return entriesOf(a.streams[0].Messages)
	}
}

// Key is the name of the stream of a log in Redis.
func (l Log) Key() string { return "souk:events:" + l.Service + ":" + l.Epoch.String() }

func id(position int64) string { return strconv.FormatInt(position, 10) + "-0" }

func entriesOf(messages []redis.XMessage) ([]event.Entry, error) {
	entries := make([]event.Entry, len(messages))
	for i, m := range messages {
		text, _ := m.Values[field].(string)
		if err := json.Unmarshal([]byte(text), &entries[i]); err != nil {
			return nil, fmt.Errorf("read entry %s of a stream: %w", m.ID, err)
		}
	}
	return entries, nil
}
