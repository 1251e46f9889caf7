package imageurl_test

import (
	"testing"

	"github.com/soukhq/souk/internal/imageurl"
)

func TestURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, source, want string }{
		{"http://media.example/m", "a.png", "http://media.example/m/a.png"},
		{"http://media.example/m/", "/a.png", "http://media.example/m/a.png"},
		{"http://media.example/m", "https://cdn.example/b.jpg?v=1", "https://cdn.example/b.jpg?v=1"},
	} {
		if got := imageurl.URL(c.base, c.source); got != c.want {
			t.Errorf("URL(%q, %q) = %q, want %q", c.base, c.source, got, c.want)
		}
	}
}
