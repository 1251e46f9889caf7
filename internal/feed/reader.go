package feed

import (
	"context"
	"net/url"
	"strconv"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/call"
	"github.com/soukhq/souk/internal/event"
)

// Reader reads the feeds of another service. What cannot be read now is a call.ErrUnavailable.
type Reader struct{ Client *call.Client }

// Head says where the log begins and ends.
func (r *Reader) Head(ctx context.Context) (head event.Head, err error) {
	return head, r.Client.Fetch(ctx, "/events/head", &head)
}

// Events returns the log behind a place, at most so many entries.
func (r *Reader) Events(ctx context.Context, after event.Place, limit int) (events Events, err error) {
	q := url.Values{"after": {after.Epoch.String() + ":" + strconv.FormatInt(after.Position, 10)}, "limit": {strconv.Itoa(limit)}}
	if after.Event != uuid.Nil {
		q.Set("last", after.Event.String())
	}
	return events, r.Client.Fetch(ctx, "/events?"+q.Encode(), &events)
}

// States returns the aggregates of a kind about which something was told behind a position.
func (r *Reader) States(ctx context.Context, kind string, after int64) (states States, err error) {
	return states, r.Client.Fetch(ctx, "/states/"+url.PathEscape(kind)+"?after="+strconv.FormatInt(after, 10), &states)
}
