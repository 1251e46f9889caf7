package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"
)

// Results keeps results of one kind: values of V by an id and by arguments of A, which are part of the key.
type Results[A, V any] struct {
	cache        *Cache
	policy       Policy
	shape        string
	args, values codec
	complete     func(V)
}

// NewResults makes the results of a policy in a cache; where that is nil nothing is kept. A and V are made of texts,
// numbers, times and the like, pointers, slices and structures; complete, which may be nil, is called on a value that was
// read from Redis and restores what the tag `cache:"-"` left out.
func NewResults[A, V any](c *Cache, p Policy, complete func(V)) (*Results[A, V], error) {
	args, err := codecOf(reflect.TypeFor[A]())
	if err != nil {
		return nil, fmt.Errorf("keep %s: %w", p.Kind, err)
	}
	values, err := codecOf(reflect.TypeFor[V]())
	if err != nil {
		return nil, fmt.Errorf("keep %s: %w", p.Kind, err)
	}
	return &Results[A, V]{c, p, p.shape() + args.signature + values.signature, args, values, complete}, nil
}

// Request is what results depend on beside their ids and arguments.
type Request struct {
	At      time.Time         // by the clock of the service
	Context map[string]string // the request context; of it, only what the policy varies on counts
	Tagged  map[string]string // what the formats of tags name beside key.id, such as args.handle
	// Until tells when what is read changes by itself (rule E-8); the zero time: not at all. It is asked before the
	// results are read, and only then. nil: nothing does.
	Until func(context.Context) (time.Time, error)
}

// Get returns results by their ids; those that do not exist are missing. What the cache does not have is read by load, all
// of it at once; what another request reads already is not read again. Values can be shared by nobody: each caller has its
// own.
func (r *Results[A, V]) Get(ctx context.Context, q Request, args A, ids []string, load func(ctx context.Context, ids []string) (map[string]V, error)) (map[string]V, error) {
	if r.cache == nil || len(ids) == 0 {
		return load(ctx, ids)
	}
	if r.policy.MaxAge <= 0 {
		r.note(ctx, Counts{Bypasses: int64(len(ids))})
		return load(ctx, ids)
	}
	units := r.units(q, args, ids)
	look, counts := r.cache.look(ctx, units)
	if look == nil {
		r.note(ctx, counts)
		return load(ctx, ids)
	}
	found := make(map[string]V, len(units))
	var missing []unit
	for i, u := range units {
		e := look.entries[i]
		fresh, rejected := look.fresh(u, e, q.At)
		switch {
		case fresh && r.take(found, u.id, *e) == nil:
			counts.Hits++
			if !e.found {
				counts.Negatives++
			}
			continue
		case rejected:
			counts.Rejects++
		}
		missing = append(missing, u)
	}
	counts.Misses = int64(len(missing))
	if len(missing) == 0 {
		r.note(ctx, counts)
		return found, nil
	}
	own, joined := r.cache.flights.begin(look, missing, q.At)
	counts.Followers = int64(len(joined))
	r.note(ctx, counts)
	return found, r.fill(ctx, q, look, own, joined, found, load)
}

func (r *Results[A, V]) note(ctx context.Context, n Counts) {
	r.cache.meter.note(ctx, r.policy.Kind, n)
}

// units returns what is looked for, each once.
func (r *Results[A, V]) units(q Request, args A, ids []string) []unit {
	arguments := r.args.encode(args)
	units := make([]unit, 0, len(ids))
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		key := identity{shape: r.shape, kind: r.policy.Kind, id: id, arguments: arguments, context: q.Context, vary: r.policy.Vary}
		named := map[string]string{"key.id": id}
		for name, value := range q.Tagged {
			named[name] = value
		}
		units = append(units, unit{id: id, digest: key.digest(), tags: append(r.policy.tags(named), Everything)})
	}
	return units
}

// take reads the value of an entry.
func (r *Results[A, V]) take(found map[string]V, id string, e entry) error {
	if !e.found {
		return nil
	}
	var v V
	if err := r.values.decode(e.body, &v); err != nil {
		return err
	}
	if r.complete != nil {
		r.complete(v)
	}
	found[id] = v
	return nil
}

// fill reads what nobody reads yet, and waits for that and for what others read.
func (r *Results[A, V]) fill(ctx context.Context, q Request, l *look, own *batch, joined []*flight, found map[string]V, load func(context.Context, []string) (map[string]V, error)) error {
	var loaded map[string]V
	if len(own.flights) > 0 {
		r.cache.fly(ctx, l, own, func(ctx context.Context) (err error) {
			loaded, err = r.read(ctx, q, l, own, load)
			return err
		})
		if err := own.wait(ctx); err != nil {
			leave(joined)
			return err
		}
	}
	for id, v := range loaded {
		found[id] = v
	}
	for i, f := range joined {
		err := f.batch.wait(ctx)
		if err == nil {
			err = r.take(found, f.unit.id, f.entry)
		}
		if err != nil {
			leave(joined[i+1:])
			return err
		}
	}
	return nil
}

func leave(flights []*flight) {
	for _, f := range flights {
		f.batch.leave()
	}
}

// read reads a batch from the database, and hands it to those who wait and to Redis.
func (r *Results[A, V]) read(ctx context.Context, q Request, l *look, b *batch, load func(context.Context, []string) (map[string]V, error)) (map[string]V, error) {
	began := time.Now()
	var until time.Time
	if q.Until != nil {
		var err error
		if until, err = q.Until(ctx); err != nil {
			return nil, err
		}
	}
	ids := make([]string, len(b.flights))
	for i, f := range b.flights {
		ids[i] = f.unit.id
	}
	loaded, err := load(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, f := range b.flights {
		v, found := loaded[f.unit.id]
		f.entry = entry{digest: f.unit.digest, seq: f.seq, found: found, expires: q.At}
		life := r.policy.NotFound
		if found {
			f.entry.body = r.values.encode(v)
			life = r.policy.MaxAge - time.Duration(rand.Int64N(int64(r.policy.MaxAge)/10+1))
		}
		f.entry.expires = q.At.Add(life)
		if !until.IsZero() && until.Before(f.entry.expires) {
			f.entry.expires = until
		}
		// At least a millisecond: Redis knows nothing shorter.
		if life = f.entry.expires.Sub(q.At); life >= time.Millisecond && len(f.entry.body) <= maxValue && time.Since(began) < loadLimit {
			r.cache.store(write{names: l.names, entry: f.entry, life: life})
		}
	}
	return loaded, nil
}
