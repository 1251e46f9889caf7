// Command bench measures what the router costs for each request, beside a program that does nothing but send the same
// requests to the subgraphs.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const use = `gateway measures a GraphQL gateway with four mock subgraphs, all on this machine.

  gateway run    measure the router and the limit in turn, and print a table
  gateway mocks  run the four subgraphs
  gateway limit  run the limit: a hard-coded plan whose replies nobody reads
  gateway load   send one query to a gateway that is running

Each command has a list of its flags: gateway COMMAND -h.
`

func main() {
	log.SetFlags(0)
	commands := map[string]func(*flag.FlagSet, []string) error{"run": runCommand, "mocks": mocksCommand, "limit": limitCommand, "load": loadCommand}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, use)
		os.Exit(2)
	}
	flags := flag.NewFlagSet("gateway "+os.Args[1], flag.ExitOnError)
	if err := commands[os.Args[1]](flags, os.Args[2:]); err != nil {
		log.Fatalln("gateway:", err)
	}
}

func mocksCommand(flags *flag.FlagSet, args []string) error {
	listen := flags.String("listen", mocksAddress, "the `address` to answer at")
	_ = flags.Parse(args) // It ends the program where there is an error.
	f, err := readFixtures()
	if err != nil {
		return err
	}
	h, err := newMocks(f.workloads[0].reply)
	if err != nil {
		return err
	}
	return serve(*listen, h)
}

func limitCommand(flags *flag.FlagSet, args []string) error {
	listen := flags.String("listen", "127.0.0.1:4100", "the `address` to answer at")
	mocks := flags.String("mocks", mocksAddress, "the `address` of the subgraphs")
	_ = flags.Parse(args)
	f, err := readFixtures()
	if err != nil {
		return err
	}
	h, err := newLimit(f, *mocks)
	if err != nil {
		return err
	}
	return serve(*listen, h)
}

func loadCommand(flags *flag.FlagSet, args []string) error {
	var opt loadOptions
	flags.StringVar(&opt.url, "url", "http://127.0.0.1:4000/graphql", "the gateway's `URL`")
	flags.StringVar(&opt.mocks, "mocks", "", "the `address` of the subgraphs, to count what they are asked")
	flags.IntVar(&opt.pid, "pid", 0, "the gateway's process `id`, to measure what it uses")
	flags.IntVar(&opt.mocksPID, "mocks-pid", 0, "the subgraphs' process `id`, to measure what they use")
	loadFlags(flags, &opt)
	query := flags.String("query", "full", "the query: full, medium or small")
	_ = flags.Parse(args)
	f, err := readFixtures()
	if err != nil {
		return err
	}
	w, err := f.workload(*query)
	if err != nil {
		return err
	}
	r, err := load(w, opt)
	if err != nil {
		return err
	}
	row{workload: w.name, gateway: opt.url, result: r}.print(os.Stdout)
	return r.firstFailure
}

// loadFlags declares the flags that every load has.
func loadFlags(flags *flag.FlagSet, opt *loadOptions) {
	flags.IntVar(&opt.connections, "connections", 50, "how many connections to use at once")
	flags.Int64Var(&opt.requests, "requests", 20_000, "send at most so many requests in one go")
	flags.DurationVar(&opt.time, "time", 4*time.Second, "send requests for at most so long in one go")
}

// serve answers until the program is told to stop.
func serve(address string, h http.Handler) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	log.Println("answering at", l.Addr())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	failed := make(chan error, 1)
	go func() { failed <- http.Serve(l, h) }()
	select {
	case err := <-failed:
		return err
	case <-stop:
		return nil
	}
}
