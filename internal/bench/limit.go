package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// limit answers the queries of the benchmark by plans that are written down here. It sends every request to the
// subgraphs that they need and reads the answers, but looks into none: no gateway over net/http can cost less.
type limit struct {
	plans   map[string]hardPlan // by the body of the client's request
	client  *http.Transport
	buffers sync.Pool // of *bytes.Buffer
}

// hardPlan is requests in stages, each of which waits for the one before, and the reply.
type hardPlan struct {
	stages [][]call
	reply  []byte
}

// call is one request to a subgraph.
type call struct {
	url  *url.URL
	body []byte
}

// newLimit returns the limit for subgraphs at the address.
func newLimit(f *fixtures, mocks string) (http.Handler, error) {
	d, err := readData(f.workloads[0].reply)
	if err != nil {
		return nil, err
	}
	l := &limit{plans: map[string]hardPlan{}, client: &http.Transport{
		MaxIdleConnsPerHost: 1000, DisableCompression: true, ReadBufferSize: 32 << 10, WriteBufferSize: 32 << 10,
	}}
	for i, stages := range [][][]call{d.planFull(mocks), d.planMedium(mocks), planSmall(mocks)} {
		w := f.workloads[i]
		l.plans[string(w.body)] = hardPlan{stages, w.reply}
	}
	return l, nil
}

// planFull needs seven requests in four stages.
func (d *data) planFull(mocks string) [][]call {
	users, top := d.roots["users"], d.roots["topProducts"]
	firstUser, firstProduct := users[:1], top[:1]
	const estimate = `query Q($r:[_Any!]!){_entities(representations:$r){... on Product{inStock shippingEstimate}}}`
	return [][]call{
		{
			ask(mocks, "products", `query Q{topProducts{upc name price weight}}`, ``),
			ask(mocks, "accounts", `query Q{users{id username name}}`, ``),
		}, {
			ask(mocks, "reviews", `query Q($u:[_Any!]!,$p:[_Any!]!){_0:_entities(representations:$u){... on User{reviews{id body product{upc reviews{id body author{id username reviews{id body product{upc}}}}}}}} _1:_entities(representations:$p){... on Product{reviews{id body author{id username reviews{id body product{upc}}}}}}}`,
				`"u":`+representations(users, "id")+`,"p":`+representations(top, "upc")),
			ask(mocks, "inventory", estimate, `"r":`+representations(top, "upc", "price", "weight")),
		}, {
			ask(mocks, "products", `query Q($r:[_Any!]!){_entities(representations:$r){... on Product{name price weight}}}`, `"r":`+representations(firstProduct, "upc")),
			ask(mocks, "accounts", `query Q($r:[_Any!]!){_entities(representations:$r){... on User{name}}}`, `"r":`+representations(firstUser, "id")),
		}, {
			ask(mocks, "inventory", estimate, `"r":`+representations(firstProduct, "upc", "price", "weight")),
		},
	}
}

// planMedium needs four requests in three stages.
func (d *data) planMedium(mocks string) [][]call {
	top := d.roots["topProducts"]
	return [][]call{
		{
			ask(mocks, "products", `query Q($n:Int){topProducts(first:$n){upc name price weight}}`, `"n":5`),
		}, {
			ask(mocks, "inventory", `query Q($r:[_Any!]!){_entities(representations:$r){... on Product{inStock shippingEstimate}}}`, `"r":`+representations(top, "upc", "price", "weight")),
			ask(mocks, "reviews", `query Q($r:[_Any!]!){_entities(representations:$r){... on Product{reviews{id author{id username}}}}}`, `"r":`+representations(top, "upc")),
		}, {
			ask(mocks, "accounts", `query Q($r:[_Any!]!){_entities(representations:$r){... on User{name}}}`, `"r":`+representations(d.roots["users"][:1], "id")),
		},
	}
}

func planSmall(mocks string) [][]call {
	return [][]call{{ask(mocks, "products", `query Q{topProducts{upc name price}}`, ``)}}
}

// ask makes a request to a subgraph.
func ask(mocks, subgraph, query, variables string) call {
	return call{
		url:  &url.URL{Scheme: "http", Host: mocks, Path: "/" + subgraph},
		body: []byte(`{"operationName":"Q","variables":{` + variables + `},"query":"` + query + `"}`),
	}
}

// representations writes what names the objects, with some of their fields.
func representations(objects []*object, fields ...string) string {
	list := make([]map[string]json.RawMessage, len(objects))
	for i, o := range objects {
		list[i] = map[string]json.RawMessage{"__typename": json.RawMessage(strconv.Quote(o.typ))}
		for _, name := range fields {
			list[i][name] = o.values[index(name)].leaf
		}
	}
	var text strings.Builder
	if err := json.NewEncoder(&text).Encode(list); err != nil {
		panic(err) // Values that were read from JSON have a JSON form.
	}
	return strings.TrimSpace(text.String())
}

// ServeHTTP answers a request of the benchmark.
func (l *limit) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	asked := l.buffer()
	defer l.buffers.Put(asked)
	if _, err := asked.ReadFrom(q.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	plan, ok := l.plans[string(asked.Bytes())]
	if !ok {
		http.Error(w, "there is no plan for this request", http.StatusBadRequest)
		return
	}
	for _, stage := range plan.stages {
		if err := l.stage(q, stage); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
	}
	w.Header()["Content-Type"] = []string{"application/json"}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(plan.reply))}
	_, _ = w.Write(plan.reply)
}

// stage sends the requests of a stage: the last on this goroutine, the others each on its own.
func (l *limit) stage(q *http.Request, stage []call) error {
	last := len(stage) - 1
	var others chan error
	if last > 0 {
		others = make(chan error, last)
	}
	for _, c := range stage[:last] {
		go func() { others <- l.call(q, c) }()
	}
	err := l.call(q, stage[last])
	for range last {
		if other := <-others; other != nil {
			err = other
		}
	}
	return err
}

// header goes to every subgraph.
var header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}

func (l *limit) call(q *http.Request, c call) error {
	request := (&http.Request{
		Method: http.MethodPost, URL: c.url, Host: c.url.Host, Header: header,
		Body: io.NopCloser(bytes.NewReader(c.body)), ContentLength: int64(len(c.body)),
	}).WithContext(q.Context())
	response, err := l.client.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer := l.buffer()
	defer l.buffers.Put(answer)
	if _, err := answer.ReadFrom(response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || bytes.HasPrefix(answer.Bytes(), []byte(`{"errors"`)) {
		return fmt.Errorf("%s answered %s: %.200s", c.url.Path, response.Status, answer)
	}
	return nil
}

func (l *limit) buffer() *bytes.Buffer {
	b, _ := l.buffers.Get().(*bytes.Buffer)
	if b == nil {
		b = &bytes.Buffer{}
	}
	b.Reset()
	return b
}
