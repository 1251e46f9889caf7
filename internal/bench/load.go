package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

// loadOptions say how a gateway is loaded. The load ends with the first of requests and time.
type loadOptions struct {
	url         string
	mocks       string // the address of the subgraphs
	pid         int    // of the gateway; 0 if it is not to be measured
	mocksPID    int
	connections int
	requests    int64
	time        time.Duration
}

// result is what a load showed. Sums of several loads are results too.
type result struct {
	requests, failed int64
	firstFailure     error
	elapsed          time.Duration
	latency          histogram
	cpu, mocksCPU    time.Duration
	rss              int64 // bytes at the end; the largest of several
	traffic          traffic
}

// add adds a later result.
func (r *result) add(o *result) {
	r.requests += o.requests
	r.failed += o.failed
	if r.firstFailure == nil {
		r.firstFailure = o.firstFailure
	}
	r.elapsed += o.elapsed
	r.latency.merge(&o.latency)
	r.cpu += o.cpu
	r.mocksCPU += o.mocksCPU
	r.rss = max(r.rss, o.rss)
	r.traffic = traffic{r.traffic.Requests + o.traffic.Requests, r.traffic.Received + o.traffic.Received, r.traffic.Sent + o.traffic.Sent, r.traffic.Failed + o.traffic.Failed}
}

// load sends one request again and again over several connections, and checks every reply.
func load(w workload, opt loadOptions) (*result, error) {
	l := loader{reply: w.reply, left: opt.requests}
	u, err := url.Parse(opt.url)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is not on this machine: only 127.0.0.1 is loaded", opt.url)
	}
	l.request = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: %d\r\n\r\n%s", u.RequestURI(), u.Host, len(w.body), w.body)
	if err := json.Unmarshal(w.reply, &l.want); err != nil {
		return nil, fmt.Errorf("read the reference reply: %w", err)
	}
	before, err := opt.measure()
	if err != nil {
		return nil, err
	}
	started := time.Now()
	l.deadline = started.Add(opt.time)
	parts := make([]result, opt.connections)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { l.connection(u.Host, &parts[i]) })
	}
	wg.Wait()
	total, err := opt.measure()
	if err != nil {
		return nil, err
	}
	total.elapsed = time.Since(started)
	total.cpu -= before.cpu
	total.mocksCPU -= before.mocksCPU
	total.traffic = total.traffic.minus(before.traffic)
	for i := range parts {
		total.add(&parts[i])
	}
	return total, nil
}

// measure reads the counters of the processes and of the subgraphs.
func (o loadOptions) measure() (*result, error) {
	var r result
	for _, p := range []struct {
		pid int
		set func(usage)
	}{
		{o.pid, func(u usage) { r.cpu, r.rss = u.cpu, u.rss }},
		{o.mocksPID, func(u usage) { r.mocksCPU = u.cpu }},
	} {
		if p.pid == 0 {
			continue
		}
		u, err := usageOf(p.pid)
		if err != nil {
			return nil, err
		}
		p.set(u)
	}
	if o.mocks == "" {
		return &r, nil
	}
	response, err := http.Get("http://" + o.mocks + "/traffic")
	if err != nil {
		return nil, fmt.Errorf("ask the mock subgraphs: %w", err)
	}
	defer response.Body.Close()
	return &r, json.NewDecoder(response.Body).Decode(&r.traffic)
}

// loader is what all connections of a load share.
type loader struct {
	request  []byte
	reply    []byte
	want     any
	deadline time.Time
	left     int64 // requests that no connection has taken yet
	verified atomic.Pointer[[]byte]
}

// connection sends requests over one connection, and over a new one when it broke.
func (l *loader) connection(host string, r *result) {
	for broken := 0; broken < 10; broken++ {
		c, err := net.DialTimeout("tcp", host, time.Second)
		if err == nil {
			err = errors.Join(l.use(c, r), c.Close())
		}
		if err == nil {
			return
		}
		r.fail(err)
	}
}

func (r *result) fail(err error) {
	r.failed++
	if r.firstFailure == nil {
		r.firstFailure = err
	}
}

// use sends requests until there is nothing left to send, or the connection broke.
func (l *loader) use(c net.Conn, r *result) error {
	if err := c.SetDeadline(l.deadline.Add(10 * time.Second)); err != nil {
		return err
	}
	in := bufio.NewReaderSize(c, 64<<10)
	var body bytes.Buffer
	for atomic.AddInt64(&l.left, -1) >= 0 && time.Now().Before(l.deadline) {
		started := time.Now()
		if _, err := c.Write(l.request); err != nil {
			return err
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		body.Reset()
		if _, err := io.Copy(&body, response.Body); err != nil {
			return err
		}
		r.latency.add(time.Since(started))
		r.requests++
		if err := l.check(response.StatusCode, body.Bytes()); err != nil {
			r.fail(err)
		}
		if response.Close {
			return errors.New("the gateway closed a connection that was to be kept")
		}
	}
	return nil
}

// check compares a reply with the reference: by value the first time, then by the bytes that were right.
func (l *loader) check(status int, body []byte) error {
	if status != http.StatusOK {
		return fmt.Errorf("status %d: %.200s", status, body)
	}
	if right := l.verified.Load(); right != nil && bytes.Equal(*right, body) {
		return nil
	}
	var got any
	if err := json.Unmarshal(body, &got); err != nil {
		return fmt.Errorf("the reply is no JSON: %w", err)
	}
	if !reflect.DeepEqual(got, l.want) {
		return fmt.Errorf("the reply is not the reference reply: %.200s", body)
	}
	right := bytes.Clone(body)
	l.verified.Store(&right)
	return nil
}
