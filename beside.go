package main

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/soukhq/souk/internal/companion"
	"github.com/soukhq/souk/internal/run"
)

// beside are programs of others that run beside the shop.
type beside []*companion.Companion

// startBeside starts programs, each named by its command line, in which spaces part the arguments and {graph} stands for the
// address of the graph. Those that were started before one that cannot be are returned, too.
func startBeside(commands []string, graph, stateDir string, log *slog.Logger) (beside, error) {
	var b beside
	for _, command := range commands {
		command = strings.ReplaceAll(command, "{graph}", graph)
		c, err := companion.Start(companion.Options{Command: strings.Fields(command), LogDir: filepath.Join(stateDir, "logs"), Log: log})
		if err != nil {
			return b, fmt.Errorf("run %q beside the shop: %w", command, err)
		}
		b = append(b, c)
	}
	return b, nil
}

// add lets the programs live and end with the group.
func (b beside) add(g *run.Group) {
	for _, c := range b {
		g.Add(c.Name, c.Run)
	}
}

// stop ends those that run.
func (b beside) stop() error {
	var err error
	for _, c := range b {
		err = errors.Join(err, c.Stop())
	}
	return err
}
