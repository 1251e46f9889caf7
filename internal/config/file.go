package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// defaultFile is read where it is there and no other file is named.
const defaultFile = "souk.yaml"

// File is where settings come from that neither flags nor variables have.
type File struct {
	Config string `env:"SOUK_CONFIG" type:"path" placeholder:"FILE" help:"A file of settings, which have the names of the flags; by default souk.yaml, where it is there."`

	secrets Secrets // of the file, by variable
}

// read takes the secrets of the file.
func (f *File) read(from *settingsFile) {
	if from != nil {
		f.secrets = from.secrets
	}
}

// settingsFile is a file of settings that is in order.
type settingsFile struct {
	values  map[string]any // by the name of the setting, as kong takes them
	shared  map[string]string
	secrets Secrets
}

// Problem is what is wrong with a file of settings.
type Problem struct {
	File string
	Line int
	Text string
}

func (p *Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// value returns what the file has for a flag, nil for nothing. Flags and variables win. Commands share a setting where its
// variable is the same.
func (f *settingsFile) value(flag *kong.Flag) any {
	if f == nil || len(flag.Envs) == 0 || f.shared[flag.Name] != flag.Envs[0] {
		return nil
	}
	if _, set := os.LookupEnv(flag.Envs[0]); set {
		return nil
	}
	return f.values[flag.Name]
}

// readChosen reads the file that the command line or the environment names, else the default one. It returns nil where the
// command takes no settings, and where there is no file.
func readChosen(args []string, known []setting) (*settingsFile, error) {
	parser, err := kong.New(new(Command)) // A parser remembers what it read: this one is for the file alone.
	if err != nil {
		return nil, fmt.Errorf("describe command line: %w", err)
	}
	trace, err := kong.Trace(parser, args)
	if err != nil {
		return nil, fmt.Errorf("read command line: %w", err)
	}
	path, takes := "", false
	for _, p := range trace.Path {
		takes = takes || slices.ContainsFunc(p.Flags, func(f *kong.Flag) bool { return f.Name == "config" })
		if p.Flag != nil && p.Flag.Name == "config" {
			path, _ = trace.FlagValue(p.Flag).(string)
		}
	}
	if !takes {
		return nil, nil
	}
	if path = cmp.Or(path, os.Getenv("SOUK_CONFIG")); path == "" {
		if _, err := os.Stat(defaultFile); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		path = defaultFile
	}
	return readFile(path, known)
}

// readFile reads a file of settings. Its error has all that is wrong with it, each a *Problem.
func readFile(path string, known []setting) (*settingsFile, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	r := reader{path: path, known: known, lines: map[string]int{}, file: &settingsFile{values: map[string]any{}, shared: map[string]string{}, secrets: Secrets{}}}
	tree, err := parser.ParseBytes(source, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, message := 1, err.Error()
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			line, message = syntax.GetToken().Position.Line, syntax.GetMessage()
		}
		return nil, &Problem{path, line, message}
	}
	if len(tree.Docs) > 1 {
		r.complain(tree.Docs[1].Start.Position.Line, "a second document begins here: one file has all settings")
	} else if len(tree.Docs) == 1 && tree.Docs[0].Body != nil {
		r.readDocument(tree.Docs[0].Body)
	}
	if len(r.problems) > 0 {
		return nil, errors.Join(r.problems...)
	}
	return r.file, nil
}

// reader makes settings of the tree of a file.
type reader struct {
	path     string
	known    []setting
	lines    map[string]int // where each setting was set first
	file     *settingsFile
	problems []error
}

func (r *reader) complain(line int, format string, args ...any) {
	r.problems = append(r.problems, &Problem{r.path, line, fmt.Sprintf(format, args...)})
}

func (r *reader) readDocument(body ast.Node) {
	entries, ok := entriesOf(body)
	if !ok {
		if body.Type() != ast.NullType && body.Type() != ast.CommentType {
			r.complain(line(body), "settings are written as name: value")
		}
		return
	}
	for _, e := range entries {
		name := e.Key.GetToken().Value
		i := slices.IndexFunc(r.known, func(s setting) bool { return s.name == name })
		switch first, twice := r.lines[name]; {
		case i < 0:
			r.complain(line(e.Key), "there is no setting %q%s", name, r.suggest(name))
			continue
		case twice:
			r.complain(line(e.Key), "%s is set twice, first in line %d: remove one of them", name, first)
			continue
		}
		r.lines[name] = line(e.Key)
		r.set(r.known[i], e.Value)
	}
}

// suggest names the setting that was perhaps meant.
func (r *reader) suggest(name string) string {
	best, least := "", 4
	for _, s := range r.known {
		if d := distance(name, s.name); d < least {
			best, least = s.name, d
		}
	}
	if best == "" {
		return ": `souk config schema` has all that there are"
	}
	return fmt.Sprintf(": %s is perhaps meant", best)
}

// distance counts the letters by which two words differ (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// entriesOf are the keys of a mapping with their values.
func entriesOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func line(n ast.Node) int { return n.GetToken().Position.Line }
