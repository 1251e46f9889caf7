package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
)

// subgraphs are the names of the mock subgraphs, each answered at the path of its name.
var subgraphs = []string{"accounts", "inventory", "products", "reviews"}

// traffic is what the mocks have been asked since they started.
type traffic struct {
	Requests, Received, Sent int64 // the latter two in bytes of bodies
	Failed                   int64 // requests that were answered with an error
}

// minus returns the traffic since an earlier count.
func (t traffic) minus(u traffic) traffic {
	return traffic{t.Requests - u.Requests, t.Received - u.Received, t.Sent - u.Sent, t.Failed - u.Failed}
}

// mocks answers for the subgraphs, and tells its traffic at /traffic.
type mocks struct {
	data                             *data
	requests, received, sent, failed atomic.Int64
	buffers                          sync.Pool
}

// newMocks makes subgraphs that know what the reply tells.
func newMocks(reply []byte) (http.Handler, error) {
	d, err := readData(reply)
	if err != nil {
		return nil, err
	}
	m := &mocks{data: d}
	mux := http.NewServeMux()
	for _, name := range subgraphs {
		mux.Handle("/"+name, &subgraph{mocks: m, name: name})
	}
	mux.HandleFunc("/traffic", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(traffic{m.requests.Load(), m.received.Load(), m.sent.Load(), m.failed.Load()})
	})
	return mux, nil
}

// subgraph answers for one subgraph. Each text of an operation is compiled once.
type subgraph struct {
	*mocks
	name     string
	compiled sync.Map // of selection, by text
}

// exchange holds the buffers of one request.
type exchange struct {
	in  bytes.Buffer
	out []byte
}

// ServeHTTP answers a GraphQL request.
func (s *subgraph) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	x, _ := s.buffers.Get().(*exchange)
	if x == nil {
		x = &exchange{}
	}
	defer s.buffers.Put(x)
	s.requests.Add(1)
	x.in.Reset()
	_, err := x.in.ReadFrom(http.MaxBytesReader(w, q.Body, 1<<20))
	if err == nil {
		s.received.Add(int64(x.in.Len()))
		err = s.reply(x)
	}
	if err != nil {
		s.failed.Add(1)
		text, _ := json.Marshal(err.Error()) // A string always has a JSON form.
		x.out = append(append(append(x.out[:0], `{"errors":[{"message":`...), text...), `}]}`...)
	}
	s.sent.Add(int64(len(x.out)))
	w.Header()["Content-Type"] = []string{"application/json"}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(x.out))}
	_, _ = w.Write(x.out)
}

// reply writes the answer to the request that was read.
func (s *subgraph) reply(x *exchange) error {
	var request struct {
		Query     string
		Variables map[string]json.RawMessage
	}
	if err := json.Unmarshal(x.in.Bytes(), &request); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	known, ok := s.compiled.Load(request.Query)
	if !ok {
		compiled, err := compile(s.name, request.Query)
		if err != nil {
			return err
		}
		s.compiled.Store(request.Query, compiled)
		known = compiled
	}
	var err error
	x.out, err = s.data.answer(x.out[:0], known.(selection), request.Variables)
	return err
}
