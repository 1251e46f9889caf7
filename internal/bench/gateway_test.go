package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fixturesOf reads the fixtures, or skips the test where there are none.
func fixturesOf(tb testing.TB) *fixtures {
	tb.Helper()
	shared, set := os.LookupEnv("SOUK_SHARED")
	if !set {
		shared = filepath.Join("..", "..", "..", "..", "shared")
		if _, err := os.Stat(shared); err != nil {
			tb.Skip("the shared fixtures are not here")
		}
	}
	f, err := readFixturesFrom(shared)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// TestLimitUnderLoad plays the whole benchmark once, with the limit as the gateway.
func TestLimitUnderLoad(t *testing.T) {
	t.Parallel()
	f := fixturesOf(t)
	h, err := newMocks(f.workloads[0].reply)
	if err != nil {
		t.Fatal(err)
	}
	mocks := httptest.NewServer(h)
	t.Cleanup(mocks.Close)
	address := strings.TrimPrefix(mocks.URL, "http://")
	limit, err := newLimit(f, address)
	if err != nil {
		t.Fatal(err)
	}
	gateway := httptest.NewServer(limit)
	t.Cleanup(gateway.Close)
	for i, requests := range []int64{7, 4, 1} {
		w := f.workloads[i]
		got, err := load(w, loadOptions{url: gateway.URL, mocks: address, pid: os.Getpid(), connections: 3, requests: 20, time: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if got.requests != 20 || got.failed != 0 || got.traffic.Failed != 0 || got.traffic.Requests != 20*requests || got.latency.total != 20 || got.rss == 0 {
			t.Errorf("query %s: %d requests, %d failed (%v), traffic %+v, RSS %d", w.name, got.requests, got.failed, got.firstFailure, got.traffic, got.rss)
		}
	}
}

func TestLoadTellsAWrongReply(t *testing.T) {
	t.Parallel()
	l := loader{reply: []byte(`{"data":{"a":1}}`), want: map[string]any{"data": map[string]any{"a": 1.0}}}
	for _, c := range []struct {
		status int
		body   string
		right  bool
	}{
		{200, `{"data":{"a":2}}`, false},
		{200, `{"data":{"a":1}}`, true},
		{200, ` {"data": {"a":1}}`, true},
		{200, `{"data":{"a":1},"errors":[]}`, false},
		{500, `{"data":{"a":1}}`, false},
		{200, `{`, false},
	} {
		if err := l.check(c.status, []byte(c.body)); (err == nil) != c.right {
			t.Errorf("check(%d, %s) = %v", c.status, c.body, err)
		}
	}
}

func TestLoadStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://192.0.2.1/graphql", "http://example.com/graphql"} {
		if _, err := load(workload{reply: []byte("{}")}, loadOptions{url: url}); err == nil {
			t.Errorf("load(%s) succeeded", url)
		}
	}
}

// TestSubgraphs asks single subgraphs what a gateway may ask, and what it may not.
func TestSubgraphs(t *testing.T) {
	t.Parallel()
	d, err := readData(fixturesOf(t).workloads[0].reply)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, subgraph, query, variables, want string }{
		{"alias, fragment and typename", "products", `{t:topProducts(first:1){...F} __typename} fragment F on Product{n:name __typename}`, `{}`,
			`{"data":{"t":[{"n":"Table","__typename":"Product"}],"__typename":"Query"}}`},
		{"an entity that nobody knows", "products", `query($r:[_Any!]!){_entities(representations:$r){...on Product{upc}}}`,
			`{"r":[{"__typename":"Product","upc":"99"},{"__typename":"Product","upc":"2"}]}`, `{"data":{"_entities":[null,{"upc":"2"}]}}`},
		{"what is required is there", "inventory", `query($r:[_Any!]!){_entities(representations:$r){...on Product{shippingEstimate}}}`,
			`{"r":[{"__typename":"Product","upc":"2","price":1,"weight":2}]}`, `{"data":{"_entities":[{"shippingEstimate":null}]}}`},
		{"what is required is missing", "inventory", `query($r:[_Any!]!){_entities(representations:$r){...on Product{shippingEstimate}}}`,
			`{"r":[{"__typename":"Product","upc":"2","price":1}]}`, `requires price and weight`},
		{"a username that is provided", "reviews", `query($r:[_Any!]!){_entities(representations:$r){...on Product{reviews{author{username}}}}}`,
			`{"r":[{"__typename":"Product","upc":"3"}]}`, `{"data":{"_entities":[{"reviews":[{"author":{"username":"urigo"}}]}]}}`},
		{"a username that is not", "reviews", `query($r:[_Any!]!){_entities(representations:$r){...on User{username}}}`, `{}`, `no field User.username`},
		{"a field of another subgraph", "accounts", `{topProducts{upc}}`, `{}`, `no field Query.topProducts`},
		{"a condition", "accounts", `{users @skip(if:false){id}}`, `{}`, `@skip`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var variables map[string]json.RawMessage
			if err := json.Unmarshal([]byte(c.variables), &variables); err != nil {
				t.Fatal(err)
			}
			s, err := compile(c.subgraph, c.query)
			var got []byte
			if err == nil {
				got, err = d.answer(nil, s, variables)
			}
			if err != nil {
				got = []byte(err.Error())
			}
			if c.want[0] == '{' && string(got) != c.want || !strings.Contains(string(got), c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestHistogram(t *testing.T) {
	t.Parallel()
	var all, h histogram
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Millisecond)
	}
	all.merge(&h)
	for q, want := range map[float64]time.Duration{0: time.Millisecond, 0.5: 501 * time.Millisecond, 0.99: 991 * time.Millisecond} {
		if got := all.quantile(q); got > want || got < want-want/50 {
			t.Errorf("quantile(%v) = %v, want about %v", q, got, want)
		}
	}
	h.add(1<<63 - 1)
	last := slices.Max([]int{bucket(0), bucket(1<<63 - 1), bucket(1<<64 - 1)})
	if last >= len(h.counts) {
		t.Errorf("bucket %d of %d", last, len(h.counts))
	}
}

// BenchmarkReviews measures the largest answer of the subgraphs without the network.
func BenchmarkReviews(b *testing.B) {
	f := fixturesOf(b)
	d, err := readData(f.workloads[0].reply)
	if err != nil {
		b.Fatal(err)
	}
	s := &subgraph{mocks: &mocks{data: d}, name: "reviews"}
	x := &exchange{}
	x.in.Write(d.planFull("")[1][0].body)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.reply(x); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(x.out)))
}
