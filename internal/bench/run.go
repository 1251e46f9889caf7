package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// gateway is one that is measured: its name and mode for the table, and the command that starts it, in which
// {supergraph} and {listen} are replaced. The modes are N, no request is shared; S, equal requests to subgraphs that are
// under way are sent once; I, those of clients too.
type gateway struct{ name, mode, command string }

// plan says what a whole measurement does.
type plan struct {
	load     loadOptions
	rounds   int
	gateways []gateway
	profile  string // the folder for profiles; none are made if it is empty
	fixtures *fixtures
	dir      string // for files that are thrown away
	mocks    *process
}

func runCommand(flags *flag.FlagSet, args []string) error {
	var p plan
	loadFlags(flags, &p.load)
	flags.IntVar(&p.rounds, "rounds", 3, "how often each gateway has its turn")
	command := flags.String("router", "./souk router --supergraph {supergraph} --listen {listen}", "the `command` that starts the router")
	sharing := flags.String("sharing", *command+" --share-requests all", "the `command` that starts the router so that it shares requests to subgraphs")
	flags.StringVar(&p.profile, "profile", "", "also write profiles of the router to this `folder`; needs Souk's source in the current one")
	flags.Func("also", "another gateway, or another mode of ours, as `NAME,MODE,COMMAND`; may be repeated", func(text string) error {
		parts := strings.SplitN(text, ",", 3)
		if len(parts) < 3 {
			return errors.New("it is not NAME,MODE,COMMAND")
		}
		p.gateways = append(p.gateways, gateway{parts[0], parts[1], parts[2]})
		return nil
	})
	_ = flags.Parse(args)
	var err error
	if p.fixtures, err = readFixtures(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if p.dir, err = os.MkdirTemp("", "gateway"); err != nil {
		return err
	}
	defer os.RemoveAll(p.dir)
	if p.mocks, err = start(self + " mocks -listen {listen}"); err != nil {
		return err
	}
	defer p.mocks.stop()
	p.load.mocks, p.load.mocksPID = p.mocks.address, p.mocks.pid()
	if err := p.fixtures.writeSupergraph(p.supergraph(), p.mocks.address); err != nil {
		return err
	}
	p.gateways = append([]gateway{
		{"Souk", "N", *command},
		{"Souk", "S", *sharing},
		{"limit", "N", self + " limit -mocks " + p.mocks.address + " -listen {listen}"},
	}, p.gateways...)
	rows, err := p.measure()
	if err != nil {
		return err
	}
	if err := printTable(os.Stdout, rows); err != nil || p.profile == "" {
		return err
	}
	return p.profileRouter(*command)
}

func (p *plan) supergraph() string { return filepath.Join(p.dir, "supergraph.graphql") }

// measure gives each gateway its turn in every round, so that no drift of the machine favours one. They all run from the
// beginning to the end; only one has work at a time.
func (p *plan) measure() ([]row, error) {
	running := make([]*process, len(p.gateways))
	for i, g := range p.gateways {
		r, err := p.startGateway(g.command)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
		defer r.stop()
		running[i] = r
	}
	var rows []row
	for _, w := range p.fixtures.workloads {
		results := make([]*result, len(running))
		for round := range p.rounds + 1 {
			for i, r := range running {
				opt := p.options(r)
				if round == 0 { // It warms up.
					opt.time /= 4
				}
				part, err := load(w, opt)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", p.gateways[i].name, err)
				}
				if round == 0 {
					results[i] = &result{failed: part.failed, firstFailure: part.firstFailure}
				} else {
					results[i].add(part)
				}
			}
		}
		for i, r := range results {
			rows = append(rows, row{w.name, p.gateways[i].name, p.gateways[i].mode, r})
		}
	}
	return rows, nil
}

// startGateway starts a gateway and waits until it answers.
func (p *plan) startGateway(command string) (*process, error) {
	r, err := start(strings.ReplaceAll(command, "{supergraph}", p.supergraph()))
	if err != nil {
		return nil, err
	}
	small, err := p.fixtures.workload("small")
	if err != nil {
		return nil, err
	}
	opt := p.options(r)
	opt.connections, opt.requests = 1, 1
	for deadline := time.Now().Add(15 * time.Second); ; {
		tried, err := load(small, opt)
		if err == nil && tried.failed == 0 {
			return r, nil
		}
		if err == nil {
			err = tried.firstFailure
		}
		if !r.alive() || time.Now().After(deadline) {
			r.stop()
			return nil, fmt.Errorf("it does not answer: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// options returns how the gateway is loaded.
func (p *plan) options(r *process) loadOptions {
	opt := p.load
	opt.url, opt.pid = "http://"+r.address+"/graphql", r.pid()
	return opt
}
