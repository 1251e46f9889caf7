package config

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/alecthomas/kong"
)

// Parse reads the command line, the environment and the file of settings. It returns the chosen command: a pointer to one
// of those that Command and Config name. help is where help goes; done tells that it was asked for, so that there is nothing
// else to do.
func Parse(args []string, help io.Writer) (chosen any, done bool, err error) {
	var c Command
	var file *settingsFile
	parser, err := kong.New(&c, kong.Name("souk"), kong.Description("Headless commerce: four services, one graph."),
		kong.Writers(help, help), kong.Exit(func(int) { done = true }), kong.ShortUsageOnError(),
		kong.Resolvers(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) { return file.value(flag), nil })))
	if err != nil {
		return nil, false, fmt.Errorf("describe command line: %w", err)
	}
	known := settingsOf(parser.Model)
	file, unread := readChosen(args, known)
	context, err := parser.Parse(args)
	if done { // What was missing beside the wish for help does not matter.
		return nil, true, nil
	}
	if err = errors.Join(unread, err); err != nil {
		return nil, false, err
	}
	chosen = context.Selected().Target.Addr().Interface()
	if c, is := chosen.(interface{ read(*settingsFile) }); is {
		c.read(file)
	}
	switch chosen := chosen.(type) {
	case *Serve:
		return chosen, false, chosen.check()
	case *Events:
		return chosen, false, chosen.check()
	case *Check:
		chosen.known = known
	case *Print:
		chosen.lines = effective(context, known, file)
		return chosen, false, chosen.check()
	case *Schema:
		chosen.known = known
	case *Table:
		chosen.known = known
	case *WithServers:
		if chosen.Command[0] == "--" {
			chosen.Command = chosen.Command[1:]
		}
	}
	return chosen, false, nil
}

func (e *Events) check() error {
	switch {
	case e.Service == "" && e.Action == "new-epoch":
		return errors.New("name the service whose database was restored: souk events new-epoch SERVICE")
	case e.Service != "" && (e.Service == "router" || !slices.Contains(Services, e.Service)):
		return fmt.Errorf("there is no service %q: use %s", e.Service, join(Services[:len(Services)-1], "or"))
	}
	return nil
}

func (s *Serve) check() error {
	if d, err := time.ParseDuration(s.StopWait); s.StopWait != "auto" && (err != nil || d < 0) {
		return fmt.Errorf("stop-wait: %q is neither auto nor a duration such as 5s", s.StopWait)
	}
	if s.Supergraph != "" && !slices.Equal(s.Services, []string{"router"}) {
		return errors.New("--supergraph is for `souk router` alone: the supergraph says which subgraphs there are")
	}
	if (len(s.Beside) > 0 || s.Storefront != "") && len(s.Services) > 0 {
		return errors.New("--beside and --storefront are for the whole shop: who starts services one by one starts the other programs, too")
	}
	for i, name := range s.Services {
		if !slices.Contains(Services, name) {
			return fmt.Errorf("there is no service or command %q: use %s", name, join(append(slices.Clone(Services), "servers", "compose", "plan", "import", "events", "fakepay", "databases", "health", "config"), "or"))
		}
		if slices.Contains(s.Services[:i], name) {
			return fmt.Errorf("service %q is named twice", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Schemas)) {
		if s.Subgraphs[name] == "" {
			return fmt.Errorf("--schema names %q, but no --subgraph says where it runs", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Subgraphs)) {
		if slices.Contains(s.Services, name) {
			return fmt.Errorf("subgraph %q has an address, but runs in this process", name)
		}
	}
	return nil
}

// join lists names as a sentence does.
func join(names []string, last string) string {
	text := ""
	for i, name := range names {
		switch {
		case i > 0 && i == len(names)-1:
			text += " " + last + " "
		case i > 0:
			text += ", "
		}
		text += name
	}
	return text
}
