package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// load is clients that ask without a pause until they are told to stop. They ask again where nobody listens, and expect an
// answer everywhere else.
type load struct {
	address          string
	answered, failed atomic.Int64
	refused          atomic.Int64
	first            atomic.Pointer[string] // what went wrong first
	stop             chan struct{}
	clients          sync.WaitGroup
}

// begin starts clients that ask an address.
func begin(t *testing.T, address string, clients int) *load {
	t.Helper()
	l := &load{address: address, stop: make(chan struct{})}
	for range clients {
		l.clients.Go(func() {
			transport := &http.Transport{} // A connection of its own, kept alive.
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: patience}
			for {
				select {
				case <-l.stop:
					return
				default:
					l.ask(client)
				}
			}
		})
	}
	t.Cleanup(func() { l.end() })
	return l
}

func (l *load) ask(client *http.Client) {
	body := bytes.NewReader([]byte(`{"query":"{ products(first: 3) { nodes { id title } } }"}`))
	w, err := client.Post(l.address, "application/json", body)
	if errors.Is(err, syscall.ECONNREFUSED) {
		l.refused.Add(1)
		select {
		case <-l.stop:
		case <-time.After(5 * time.Millisecond): // As a client that asks again does.
		}
		return
	}
	if err == nil {
		var text []byte
		if text, err = io.ReadAll(w.Body); err == nil && (w.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(`"products"`)) || bytes.Contains(text, []byte(`"errors"`))) {
			err = fmt.Errorf("%s: %s", w.Status, text)
		}
		_ = w.Body.Close() // It was read.
	}
	if err != nil {
		why := err.Error()
		l.first.CompareAndSwap(nil, &why)
		l.failed.Add(1)
		return
	}
	l.answered.Add(1)
}

// end stops the clients; it may be called again.
func (l *load) end() {
	select {
	case <-l.stop:
	default:
		close(l.stop)
	}
	l.clients.Wait()
}

// more waits until a number of further requests were answered.
func (l *load) more(t *testing.T, n int64) {
	t.Helper()
	from := l.answered.Load()
	eventually(t, "requests are answered", func() bool { return l.answered.Load() >= from+n || l.failed.Load() > 0 })
}

// TestStoppingLosesNoRequest stops the router, and then a service, with SIGTERM while clients ask it without a pause, and
// starts it again on its address.
func TestStoppingLosesNoRequest(t *testing.T) {
	t.Parallel()
	s := startFive(t)
	s.load(catalogue(t, 5))
	for _, c := range []struct{ name, address string }{{"router", s.graph}, {"product", s.subgraphs["product"]}} {
		t.Run(c.name, func(t *testing.T) {
			// Longer than a client pauses on a busy machine: a connection that nobody used meanwhile is closed, and whoever
			// asks on it at that moment loses the request, as anywhere in HTTP/1.1.
			s.env[c.name] = append(s.env[c.name], "SOUK_STOP_WAIT=3s")
			s.processes[c.name].stop()
			s.startService(c.name)
			s.processes[c.name].waitFor(`answers at`)
			l := begin(t, c.address, 8)
			for range 3 {
				l.more(t, 200)
				old := s.processes[c.name]
				old.signal(syscall.SIGTERM)
				started := time.Now()
				eventually(t, c.name+" says that it is not ready", func() bool {
					return status(strings.TrimSuffix(c.address, "/graphql")+"/readyz") == http.StatusServiceUnavailable || ended(old)
				})
				if ended(old) {
					t.Errorf("%s did not say that it stops", c.name)
				}
				if code := old.ended(); code != 0 {
					t.Errorf("%s ended with %d", c.name, code)
				}
				if took := time.Since(started); took < 3*time.Second {
					t.Errorf("%s went on for %v only", c.name, took)
				}
				s.startService(c.name)
				s.processes[c.name].waitFor(`answers at`)
				l.more(t, 200)
			}
			l.end()
			if l.failed.Load() > 0 {
				t.Errorf("%d of %d requests were lost, the first: %s", l.failed.Load(), l.failed.Load()+l.answered.Load(), *l.first.Load())
			}
			t.Logf("%d answered, %d refused and asked again", l.answered.Load(), l.refused.Load())
		})
	}
}

func ended(p *process) bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// status asks on a connection of its own; 0 is for no answer.
func status(address string) int {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	w, err := client.Get(address)
	if err != nil {
		return 0
	}
	_ = w.Body.Close() // It is not read.
	return w.StatusCode
}

// TestTheSecondSignalEndsAtOnce sends SIGTERM twice while the first one waits.
func TestTheSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	s := startFive(t, "router", "product")
	s.env["router"] = append(s.env["router"], "SOUK_STOP_WAIT=1h")
	s.processes["router"].stop()
	s.startService("router")
	p := s.processes["router"]
	eventually(t, "the router is ready", func() bool { return status(strings.TrimSuffix(s.graph, "/graphql")+"/readyz") == http.StatusOK })
	p.signal(syscall.SIGTERM)
	p.waitFor(`stopping`)
	eventually(t, "the second signal ends it", func() bool {
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // It may have ended.
		return ended(p)
	})
}
