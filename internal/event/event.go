// Package event is the catalogue of what one service tells the others.
package event

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
)

// Event says that something happened: an envelope of CloudEvents 1.0 in JSON (rule E-2).
type Event struct {
	SpecVersion string    `json:"specversion"`
	ID          uuid.UUID `json:"id"`     // a uuidv7, unique
	Source      string    `json:"source"` // the service that tells: /checkout
	Type        string    `json:"type"`   // with its version: order.placed.v1
	Subject     string    `json:"subject"`
	Time        time.Time `json:"time"`
	// AggregateVersion grows with each event of the subject in the source, and is unique in it (rule E-1).
	AggregateVersion int64           `json:"aggregateVersion"`
	CorrelationID    string          `json:"correlationId,omitempty"` // the same for all that one cause set off
	CausationID      string          `json:"causationId,omitempty"`   // the event to which this is the answer
	CacheTags        []string        `json:"cacheTags,omitempty"`     // what is old from now on
	Data             json.RawMessage `json:"data"`
}

// Data is what an event of one type tells. The types of this package are all there are.
type Data interface {
	// kind returns the service that tells it and the type.
	kind() (service, name string)
}

// New makes an event about a subject, the id of an aggregate as the graph shows it, in the version that the aggregate has
// after the change.
func New(subject string, version int64, data Data, now time.Time) Event {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err) // The types of this package hold nothing that JSON cannot.
	}
	service, name := data.kind()
	return Event{
		SpecVersion: "1.0", ID: gid.New(), Source: "/" + service, Type: name, Subject: subject, Time: now.UTC(),
		AggregateVersion: version, Data: text,
	}
}

// Because returns the event as the answer to another one.
func (e Event) Because(cause Event) Event {
	e.CausationID, e.CorrelationID = cause.ID.String(), cause.CorrelationID
	if e.CorrelationID == "" {
		e.CorrelationID = cause.ID.String()
	}
	return e
}

// Service is the name of the service that tells.
func (e Event) Service() string { return strings.TrimPrefix(e.Source, "/") }

// Kind is the type of the aggregate that the event is about, such as Product.
func (e Event) Kind() string {
	rest := strings.TrimPrefix(e.Subject, "gid://souk/")
	kind, _, _ := strings.Cut(rest, "/")
	return kind
}

// Read reads the data of an event of its type. The type's name must be that of T.
func Read[T Data](e Event) (T, error) {
	var data T
	if _, name := data.kind(); name != e.Type {
		return data, fmt.Errorf("read event %s: it is %s and not %s", e.ID, e.Type, name)
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return data, fmt.Errorf("read event %s: %w", e.ID, err)
	}
	return data, nil
}

// TypeOf returns the name of the type of T, for those who follow it.
func TypeOf[T Data]() string {
	var data T
	_, name := data.kind()
	return name
}

// State is an aggregate as it is now, in the state feed of its owner (rule E-12). Its data are those of the event that
// tells of its last change.
type State struct {
	Kind     string          `json:"kind"`
	Subject  string          `json:"subject"`
	Version  int64           `json:"version"`
	Position int64           `json:"position"` // of the last event about it
	Deleted  bool            `json:"deleted,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"` // null where it is deleted
}
