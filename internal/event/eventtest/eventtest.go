// Package eventtest holds events against their schemas in tests.
package eventtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/soukhq/souk/internal/event"
)

// Check fails the test for each event that its schemas do not allow.
func Check(t testing.TB, events ...event.Event) {
	t.Helper()
	for _, e := range events {
		text, err := json.Marshal(e)
		if err == nil {
			err = Validate("envelope", text)
		}
		if err == nil {
			err = Validate(e.Type, e.Data)
		}
		if err != nil {
			t.Errorf("event %s of type %s: %v\n%s", e.ID, e.Type, err, e.Data)
		}
	}
}

// Validate holds JSON against the schema of that name: the type of an event, or envelope.
func Validate(name string, text []byte) error {
	schemas, err := compiled()
	if err != nil {
		return err
	}
	s := schemas[name]
	if s == nil {
		return fmt.Errorf("there is no schema %q", name)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(value)
}

// root is the address of the schemas towards each other.
const root = "souk:///events/"

var compiled = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	files, err := fs.Glob(event.Schemas, "schemas/*.json")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := fs.ReadFile(event.Schemas, file)
		if err != nil {
			return nil, err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := c.AddResource(root+path.Base(file), value); err != nil {
			return nil, err
		}
	}
	schemas := map[string]*jsonschema.Schema{}
	for _, file := range files {
		s, err := c.Compile(root + path.Base(file))
		if err != nil {
			return nil, err
		}
		schemas[strings.TrimSuffix(path.Base(file), ".json")] = s
	}
	return schemas, nil
})
