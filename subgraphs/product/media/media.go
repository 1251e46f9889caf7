// Package media keeps the picture files of the shop in a folder, and serves them.
package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // so that its size can be read
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// MaxBytes is the size of the largest file that is kept.
const MaxBytes = 20 << 20

// types are the kinds of files that are kept of others, with the ending of their names. SVG is not among them: it can run
// scripts.
var types = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
}

// contentTypes are the kinds by ending.
var contentTypes = map[string]string{
	".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", vector: "image/svg+xml",
}

// vector is the ending of SVG pictures.
const vector = ".svg"

// Picture is a file that can be kept.
type Picture struct {
	Name          string // the hash of its content with the ending of its kind
	Width, Height *int   // in pixels; nil when not known
	content       []byte
}

// Read recognises a picture. It refuses what is none, or too large.
func Read(content []byte) (Picture, error) {
	if len(content) > MaxBytes {
		return Picture{}, fmt.Errorf("the file is larger than %d megabytes", MaxBytes>>20)
	}
	ending, ok := types[http.DetectContentType(content)]
	if !ok {
		return Picture{}, errors.New("the file is not a JPEG, PNG, GIF or WebP picture")
	}
	p := named(content, ending)
	if config, _, err := image.DecodeConfig(bytes.NewReader(content)); err == nil && config.Width > 0 && config.Height > 0 {
		p.Width, p.Height = &config.Width, &config.Height
	}
	return p, nil
}

// Drawn is an SVG picture of our own making with a width and a height.
func Drawn(content []byte, width, height int) Picture {
	p := named(content, vector)
	p.Width, p.Height = &width, &height
	return p
}

func named(content []byte, ending string) Picture {
	hash := sha256.Sum256(content)
	return Picture{Name: hex.EncodeToString(hash[:]) + ending, content: content}
}

// WithoutContent returns what is known of the picture, for remembering many.
func (p Picture) WithoutContent() Picture {
	p.content = nil
	return p
}

// Keep writes a picture into a folder, all or nothing, and tells whether it was not there before.
func (p Picture) Keep(dir string) (added bool, err error) {
	name := filepath.Join(dir, p.Name)
	if _, err := os.Stat(name); err == nil {
		return false, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return false, fmt.Errorf("make media folder: %w", err)
	}
	part, err := os.CreateTemp(dir, ".part-*")
	if err != nil {
		return false, fmt.Errorf("keep picture: %w", err)
	}
	_, err = part.Write(p.content)
	err = errors.Join(err, part.Chmod(0o644), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return false, fmt.Errorf("keep picture: %w", errors.Join(err, os.Remove(part.Name())))
	}
	return true, nil
}

// Remove takes pictures away again.
func Remove(dir string, names []string) error {
	var errs []error
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// ours is the form of the names of our files: nothing else can be asked for.
var ours = regexp.MustCompile(`^[0-9a-f]{64}\.(jpg|png|gif|webp|svg)$`)

// Handler serves the files of a folder at /{name}. A name is the hash of a content, so answers can be kept for ever. The
// parameters width, height and crop, which clients append, change nothing.
func Handler(dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		if !ours.MatchString(name) {
			http.NotFound(w, r)
			return
		}
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				http.Error(w, "the picture cannot be read", http.StatusInternalServerError)
				return
			}
			http.NotFound(w, r)
			return
		}
		defer file.Close() //nolint:errcheck // It was only read.
		h := w.Header()
		h.Set("Content-Type", contentTypes[filepath.Ext(name)])
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox") // A picture that is opened as a page runs and loads nothing.
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("ETag", `"`+name[:64]+`"`)
		http.ServeContent(w, r, name, time.Time{}, file)
	})
}
