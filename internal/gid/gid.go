// Package gid writes and reads the ids that the graph shows.
package gid

import (
	"strings"

	"github.com/google/uuid"
)

const prefix = "gid://souk/"

// Format writes the id of an object of a type: gid://souk/<Type>/<uuid> (rule G-1).
func Format(typeName string, id uuid.UUID) string { return prefix + typeName + "/" + id.String() }

// Parse reads the id of an object of that type. Anything else, a key after the uuid included, is not ok.
func Parse(typeName, id string) (uuid.UUID, bool) {
	rest, found := strings.CutPrefix(id, prefix+typeName+"/")
	if !found || len(rest) != 36 {
		return uuid.Nil, false
	}
	u, err := uuid.Parse(rest)
	return u, err == nil
}

// New makes a uuid whose order is that of creation (rule G-1).
func New() uuid.UUID { return uuid.Must(uuid.NewV7()) }
