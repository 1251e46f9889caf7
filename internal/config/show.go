package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// Config looks at settings.
type Config struct {
	Check  Check  `cmd:"" help:"Read a file of settings and tell all that is wrong with it."`
	Print  Print  `cmd:"" help:"Show the settings that services would get, and where each comes from. Takes the arguments of serve."`
	Schema Schema `cmd:"" help:"Write the JSON Schema of the file, for editors."`
	Table  Table  `cmd:"" hidden:"" help:"Write all settings as a table in Markdown."`
}

// Check reads a file of settings.
type Check struct {
	Path string `arg:"" name:"file" optional:"" default:"souk.yaml" help:"The file (${default})."`

	known []setting
}

// Print shows settings.
type Print struct {
	Effective bool `help:"Show also the settings that have their default."`
	Serve

	lines []shown
}

// Schema writes the schema of the file.
type Schema struct{ known []setting }

// Table writes the table of settings.
type Table struct{ known []setting }

// Run reads the file and says what it found.
func (c *Check) Run(out io.Writer) error {
	f, err := readFile(c.Path, c.known)
	if err != nil {
		return err
	}
	if _, _, err := Parse([]string{"serve", "--config", c.Path}, io.Discard); err != nil {
		return fmt.Errorf("%s: %w", c.Path, err)
	}
	_, err = fmt.Fprintf(out, "%s is in order: %d settings.\n", c.Path, len(f.values)+len(f.secrets))
	return err
}

// shown is one setting with its value.
type shown struct{ name, value, origin string }

// effective collects what the settings are.
func effective(context *kong.Context, known []setting, file *settingsFile) []shown {
	origins, values := map[string]string{}, map[string]any{}
	for _, p := range context.Path {
		for _, f := range p.Flags {
			values[f.Name] = f.Target.Interface()
		}
		if p.Flag != nil {
			origins[p.Flag.Name] = "flag"
			if p.Resolved {
				origins[p.Flag.Name] = "file"
			}
		}
	}
	var lines []shown
	for _, s := range known {
		value, hasFlag := values[s.name]
		l := shown{name: s.name, origin: origins[s.name]}
		switch {
		case l.origin != "":
		case s.inEnvironment():
			l.origin = "environment"
		case file != nil && file.secrets[s.variable] != "":
			l.origin = "file"
		default:
			l.origin = "default"
		}
		if l.value = written(value); !hasFlag {
			l.value = `""`
			if l.origin != "default" {
				l.value = "(set)"
			}
		}
		if !s.hidden {
			lines = append(lines, l)
		}
	}
	return lines
}

// written writes a value as the file has it, in one line.
func written(value any) string {
	if d, is := value.(fmt.Stringer); is {
		return d.String()
	}
	b, err := yaml.MarshalWithOptions(value, yaml.Flow(true))
	if err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSpace(string(b))
}

// Run writes the settings in the form of the file, each with where it comes from.
func (p *Print) Run(out io.Writer) error {
	for _, l := range p.lines {
		if l.origin == "default" && !p.Effective {
			continue
		}
		if _, err := fmt.Fprintf(out, "%s: %s # %s\n", l.name, l.value, l.origin); err != nil {
			return err
		}
	}
	return nil
}

// Run writes the schema.
func (s *Schema) Run(out io.Writer) error {
	properties := map[string]any{}
	for _, k := range s.known {
		if !k.hidden {
			properties[k.name] = k.schema()
		}
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Settings of Souk", "type": "object",
		"additionalProperties": false, "properties": properties,
	})
}

// schema describes one setting. Wherever another form is asked for, a reference may stand, too.
func (s setting) schema() map[string]any {
	single := map[string]any{"type": []string{"string", "number", "boolean"}}
	referred := map[string]any{"type": "string", "pattern": `\$\{(env|file):`}
	d := map[string]any{"description": s.help}
	if s.fallback != "" {
		d["default"] = s.fallback
	}
	switch {
	case s.kind == truth:
		d["anyOf"] = []any{map[string]any{"type": "boolean"}, referred}
		d["default"] = false
	case s.kind == duration:
		d["anyOf"] = []any{map[string]any{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h))+$|^0$`}, referred}
	case s.kind == list:
		d["anyOf"] = []any{map[string]any{"type": "array", "items": single}, map[string]any{"type": "string"}}
	case s.kind == pairs:
		d["anyOf"] = []any{map[string]any{"type": "object", "additionalProperties": single}, map[string]any{"type": "string"}}
	case len(s.choices) > 0:
		// YAML reads on and off as truth in some editors; the program takes the words.
		d["anyOf"] = []any{map[string]any{"enum": s.choices}, referred}
	case s.secret:
		d["type"] = "string"
	default:
		d["type"] = single["type"]
	}
	return d
}

// Run writes the table.
func (t *Table) Run(out io.Writer) error {
	_, err := io.WriteString(out, table(t.known))
	return err
}

// table writes settings as a table in Markdown: all, or those that are named.
func table(known []setting, names ...string) string {
	var b strings.Builder
	b.WriteString("| Setting | Variable | Default | |\n| --- | --- | --- | --- |\n")
	cell := func(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
	for _, s := range known {
		if s.hidden || len(names) > 0 && !slices.Contains(names, s.name) {
			continue
		}
		name, fallback := "`"+s.name+"`", ""
		if s.secret {
			name += " (secret)"
		}
		if s.fallback != "" {
			fallback = "`" + cell(s.fallback) + "`"
		}
		// The column before has the default.
		help := strings.ReplaceAll(s.help, " ("+s.fallback+")", "")
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", name, s.variable, fallback, cell(cmp.Or(help, s.help)))
	}
	return b.String()
}

// Fill writes the tables of settings into a text in Markdown: all between <!-- configuration --> and <!-- /configuration -->,
// some where the first marker names them, as in <!-- configuration: listen currency -->.
func Fill(markdown string) (string, error) {
	const begin, end = "<!-- configuration", "<!-- /configuration -->"
	model, err := kong.New(new(Command))
	if err != nil {
		return "", fmt.Errorf("describe command line: %w", err)
	}
	known := settingsOf(model.Model)
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(markdown, begin)
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		names, rest, closed := strings.Cut(rest, "-->")
		_, after, ended := strings.Cut(rest, end)
		if !closed || !ended {
			return "", fmt.Errorf("a table of settings has no %s", end)
		}
		fmt.Fprintf(&b, "%s%s-->\n%s%s", begin, names, table(known, strings.Fields(strings.TrimPrefix(names, ":"))...), end)
		markdown = after
	}
}
