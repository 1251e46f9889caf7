package launch_test

import (
	"testing"

	"github.com/soukhq/souk/internal/launch"
)

func TestRedis(t *testing.T) {
	s, err := launch.Redis(t.Context(), launch.Options{StateDir: stateDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(s.URL, s.Source)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
}
