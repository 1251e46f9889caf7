package feed

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/identity"
	"github.com/soukhq/souk/internal/outbox"
)

const (
	maximumEvents = 256     // of an answer
	maximumStates = 100     // of an answer
	maximumBytes  = 1 << 20 // of the items of an answer, about; one may be larger
)

var (
	errQuestion = errors.New("after, last or limit cannot be read")
	errKind     = errors.New("there is no state feed of this kind")
)

// answerer answers a question with something that becomes JSON.
type answerer func(r *http.Request) (any, error)

// forServices refuses everybody but the services of this shop, asking in their own name.
func (o *Owner) forServices(answer answerer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if who := identity.From(r.Context()); who.Service == "" || who.Customer != "" {
			http.Error(w, "only services may read this", http.StatusForbidden)
			return
		}
		data, err := answer(r)
		switch {
		case errors.Is(err, errQuestion):
			http.Error(w, err.Error(), http.StatusBadRequest)
		case errors.Is(err, errKind):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			if r.Context().Err() == nil {
				o.Log.WarnContext(r.Context(), "feed not answered", "path", r.URL.Path, "error", err)
			}
			http.Error(w, "the feed cannot be read now", http.StatusServiceUnavailable)
		default:
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_ = json.NewEncoder(w).Encode(data) // Nobody is left to tell if the caller is gone.
		}
	})
}

func (o *Owner) head(r *http.Request) (any, error) { return o.DB.Head(r.Context()) }

// events answers GET /events?after=<epoch>:<position>&last=<id>&limit=<n>. last is the id of the event at that place, which
// shows whether the reader read this log; it may be left out.
func (o *Owner) events(r *http.Request) (any, error) {
	q := r.URL.Query()
	epoch, position, found := strings.Cut(q.Get("after"), ":")
	place := event.Place{}
	var errs [4]error
	place.Epoch, errs[0] = uuid.Parse(epoch)
	place.Position, errs[1] = strconv.ParseInt(position, 10, 64)
	if last := q.Get("last"); last != "" {
		place.Event, errs[2] = uuid.Parse(last)
	}
	limit, err := limitOf(q.Get("limit"), maximumEvents)
	errs[3] = err
	if errors.Join(errs[:]...) != nil || !found || place.Position < 0 {
		return nil, errQuestion
	}
	head, entries, told, err := o.DB.Events(r.Context(), place, limit, maximumBytes)
	if told {
		o.Log.ErrorContext(r.Context(), "a service knows events that this database does not: it was restored to an older state, a new epoch begins",
			"service", identity.From(r.Context()).Service, "old_epoch", place.Epoch, "seen", place.Position, "head", head.Position)
	}
	return Events{Head: head, Entries: entries}, err
}

// states answers GET /states/{kind}?after=<position>&limit=<n>.
func (o *Owner) states(r *http.Request) (any, error) {
	ctx, kind, q := r.Context(), r.PathValue("kind"), r.URL.Query()
	render, known := o.States[kind]
	if !known {
		return nil, errKind
	}
	after, err := strconv.ParseInt(cmp.Or(q.Get("after"), "0"), 10, 64)
	limit, err2 := limitOf(q.Get("limit"), maximumStates)
	if err != nil || err2 != nil {
		return nil, errQuestion
	}
	head, err := o.DB.Head(ctx)
	if err != nil {
		return nil, err
	}
	told, err := o.DB.States(ctx, kind, after, limit)
	if err != nil {
		return nil, err
	}
	there := make([]string, 0, len(told))
	for _, t := range told {
		if t.DeletedAt == nil {
			there = append(there, t.Subject)
		}
	}
	rendered := map[string]event.State{}
	if len(there) > 0 {
		states, err := render(ctx, there)
		if err != nil {
			return nil, err
		}
		for _, s := range states {
			rendered[s.Subject] = s
		}
	}
	answer := States{Head: head, States: make([]event.State, 0, len(told))}
	size := 0
	for _, t := range told {
		if size >= maximumBytes {
			break
		}
		s := stateOf(kind, t, rendered)
		size += len(s.Data)
		answer.States = append(answer.States, s)
	}
	answer.More = len(told) == limit || len(answer.States) < len(told)
	return answer, nil
}

// stateOf returns an aggregate as it is now: as it was rendered, else a tombstone.
func stateOf(kind string, t outbox.Told, rendered map[string]event.State) event.State {
	s, there := rendered[t.Subject]
	if !there {
		s = event.State{Subject: t.Subject, Version: t.Version, Deleted: true}
	}
	s.Kind, s.Position = kind, t.Position
	return s
}

func limitOf(text string, most int) (int, error) {
	if text == "" {
		return most, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errQuestion
	}
	return slices.Min([]int{n, most}), nil
}
