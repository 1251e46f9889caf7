package library

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/text/language"
)

// Library is a folder of texts. It is safe for concurrent use, but for Refresh and Follow, of which one may run.
type Library struct {
	folder fs.FS
	site   Site

	editions atomic.Pointer[editions]
	seen     [sha256.Size]byte // the sum of the files that were read last, whether they were good or not
}

// Site is what addresses are made of. Neither ends in a slash.
type Site struct {
	Shop   string // where shoppers find pages, such as https://shop.example
	Images string // where pictures of articles are served
}

// editions are the same texts in all languages.
type editions map[language.Tag]*Edition

// DefaultLanguage is that of files without a language in their name.
const DefaultLanguage = "en"

// Open reads all files. The error names everything that is wrong with them.
func Open(folder fs.FS, site Site) (*Library, error) {
	l := &Library{folder: folder, site: site}
	_, err := l.Refresh()
	return l, err
}

// Edition returns the texts in the language that suits best: tags are what the reader understands, best first, as BCP 47
// has them or with an underscore. Who asks for de-AT gets de where there is no such edition. A text that is not there in
// that language is in the default language.
func (l *Library) Edition(tags ...string) *Edition {
	all := *l.editions.Load()
	for _, text := range tags {
		tag, err := language.Parse(text)
		for ; err == nil && tag != language.Und; tag = tag.Parent() {
			if e := all[tag]; e != nil {
				return e
			}
		}
	}
	return all[language.Make(DefaultLanguage)]
}

// Refresh reads the files again if they changed. Files that cannot be understood change nothing: the error says why, once,
// and the texts of before stay.
func (l *Library) Refresh() (changed bool, err error) {
	files, sum, err := l.read()
	if err != nil {
		return false, fmt.Errorf("read texts: %w", err)
	}
	if sum == l.seen {
		return false, nil
	}
	l.seen = sum
	e, err := l.bind(files)
	if err != nil {
		return false, err
	}
	l.editions.Store(e)
	return true, nil
}

// Follow refreshes again and again until the context ends. It compares what the files say and not when they changed, so
// that it works on every kind of disk.
func (l *Library) Follow(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch changed, err := l.Refresh(); {
		case err != nil:
			log.Error("texts refused, the old ones stay", "error", err)
		case changed:
			log.Info("texts changed")
		}
	}
}

// file is a Markdown file.
type file struct {
	path     string // without language and extension, such as pages/about
	language string // "" for the default
	name     string // the whole path, for messages
	text     []byte
}

// read returns all Markdown files in the order of their names.
func (l *Library) read() ([]file, [sha256.Size]byte, error) {
	var files []file
	all := sha256.New()
	err := fs.WalkDir(l.folder, ".", func(name string, d fs.DirEntry, err error) error {
		stem, markdown := strings.CutSuffix(name, ".md")
		if err != nil || d.IsDir() || !markdown || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		text, err := fs.ReadFile(l.folder, name)
		if errors.Is(err, fs.ErrNotExist) { // It was there a moment ago.
			return nil
		}
		if err != nil {
			return err
		}
		f := file{path: stem, name: name, text: text}
		if ext := path.Ext(stem); ext != "" {
			f.path, f.language = strings.TrimSuffix(stem, ext), ext[1:]
		}
		files = append(files, f)
		fmt.Fprintf(all, "%s %d\n", name, len(text))
		all.Write(text)
		return nil
	})
	return files, [sha256.Size]byte(all.Sum(nil)), err
}

// bind makes an edition for each language that a file is written in.
func (l *Library) bind(files []file) (*editions, error) {
	byPath := map[string]map[string]file{}
	languages := []string{""}
	for _, f := range files {
		if byPath[f.path] == nil {
			byPath[f.path] = map[string]file{}
		}
		byPath[f.path][f.language] = f
		if !slices.Contains(languages, f.language) {
			languages = append(languages, f.language)
		}
	}
	var problems []error
	out := editions{}
	for _, lang := range languages {
		tag, err := language.Parse(cmp.Or(lang, DefaultLanguage))
		if err != nil {
			problems = append(problems, fmt.Errorf("files named .%s.md: %w", lang, err))
			continue
		}
		b := &binder{folder: l.folder, site: l.site, edition: newEdition(), files: byPath, language: lang}
		problems = append(problems, b.bind()...)
		out[tag] = b.edition
	}
	return &out, errors.Join(unique(problems)...)
}

// unique leaves out what was said before: a file in the default language may be wrong in each edition.
func unique(problems []error) []error {
	var said []string
	return slices.DeleteFunc(problems, func(err error) bool {
		again := slices.Contains(said, err.Error())
		said = append(said, err.Error())
		return again
	})
}
