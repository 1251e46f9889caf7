package router

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/soukhq/souk/router/supergraph"
)

// sdl is the schema that clients see, as text.
type sdl struct{ text, tag string }

// writeSDL writes the schema of a model when it is asked for the first time.
func writeSDL(m *supergraph.Model) func() sdl {
	return sync.OnceValue(func() sdl {
		text := m.PrintAPI()
		sum := sha256.Sum256([]byte(text))
		return sdl{text: text, tag: `W/"` + hex.EncodeToString(sum[:12]) + `"`} // Weak: the text may be compressed.
	})
}

// Schema answers GET and HEAD with the schema that clients see, as SDL. It is that of the model that is served, and is not
// found where clients may not ask for it.
func (r *Router) Schema() http.Handler { return r.schema }

func (r *Router) serveSchema(w http.ResponseWriter, q *http.Request) {
	if !r.opt.Introspection && !r.opt.Dev {
		http.NotFound(w, q)
		return
	}
	if q.Method != http.MethodGet && q.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "The schema is asked by GET.", http.StatusMethodNotAllowed)
		return
	}
	r.origins.cors(w, q)
	s := r.current.Load().sdl()
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", s.tag)
	http.ServeContent(w, q, "", time.Time{}, strings.NewReader(s.text))
}
