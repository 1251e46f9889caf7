package event

import "github.com/google/uuid"

// Entry is an event in its place in the log of its service. Positions count from 1 without gaps (rule E-9).
type Entry struct {
	Position int64     `json:"position"`
	After    uuid.UUID `json:"after"` // the id of the event before it; uuid.Nil where that is not known
	Event    Event     `json:"event"`
}

// Place is how far somebody has read a log: up to an event in an epoch.
type Place struct {
	Epoch    uuid.UUID
	Position int64     // 0 at the beginning
	Event    uuid.UUID // the id of the event there; uuid.Nil where it is not known
}

// Head says where a log begins and ends.
type Head struct {
	Epoch    uuid.UUID `json:"epoch"`
	Started  int64     `json:"started"`  // the epoch began behind this position: up to it the log is that of the one before
	First    int64     `json:"first"`    // the oldest position that is kept; Position + 1 where none is
	Position int64     `json:"position"` // the newest
}
