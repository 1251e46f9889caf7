package cache

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

type everything struct {
	B      bool
	I      int
	I8     int8
	U      uint32
	F      float64
	S      string
	Named  uuid.UUID
	At     time.Time
	Text   *string
	None   *string
	Empty  []string
	Nil    []string
	Nested []*nested
	Pair   [2]nested
	Back   *everything `cache:"-"`
}

type nested struct {
	Name string
	Data []byte
}

func TestCodecReadsWhatItWrote(t *testing.T) {
	t.Parallel()
	text := "é\x00"
	v := &everything{
		B: true, I: -5, I8: -128, U: 1 << 31, F: 0.1, S: "a", Named: uuid.New(), At: time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC), Text: &text,
		Empty: []string{}, Nested: []*nested{{"x", []byte{1}}, nil}, Pair: [2]nested{{Name: "y"}, {Data: []byte{}}},
	}
	c, err := codecOf(reflect.TypeOf(v))
	if err != nil {
		t.Fatal(err)
	}
	b := c.encode(v)
	var got *everything
	if err := c.decode(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v, got); diff != "" {
		t.Error(diff)
	}
	for n := range b {
		var cut *everything
		if err := c.decode(b[:n], &cut); err == nil {
			t.Errorf("%d of %d bytes were read as a whole value", n, len(b))
		}
	}
	if err := c.decode(append(b, 0), &got); err == nil {
		t.Error("bytes that are left over are no error")
	}
}

func TestTypesThatCannotBeKept(t *testing.T) {
	t.Parallel()
	type ring struct{ Next *ring }
	for _, v := range []any{map[string]int{}, struct{ A any }{}, struct{ hidden int }{}, ring{}, func() {}} {
		if _, err := codecOf(reflect.TypeOf(v)); err == nil {
			t.Errorf("%T can be kept", v)
		}
	}
}

func TestSignatureTellsTypesApart(t *testing.T) {
	t.Parallel()
	seen := map[string]any{}
	for _, v := range []any{
		struct{ A string }{}, struct{ B string }{}, struct{ A, B string }{}, struct{ A *string }{}, struct{ A []string }{}, struct{ A int }{}, struct{ A [2]string }{},
		struct {
			A string
			B struct{ C string }
		}{},
	} {
		c, err := codecOf(reflect.TypeOf(v))
		if err != nil {
			t.Fatal(err)
		}
		if other, there := seen[c.signature]; there {
			t.Errorf("%T and %T have the signature %s", v, other, c.signature)
		}
		seen[c.signature] = v
	}
}

func FuzzDecode(f *testing.F) {
	c, err := codecOf(reflect.TypeFor[*everything]())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.encode(&everything{Nested: []*nested{{}}}))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var v *everything
		_ = c.decode(b, &v) // It must neither panic nor take all memory.
		_, _ = decodeEntry(b)
	})
}

// No two results that depend on different things share a key (edge.md M.9, 11).
func FuzzKeys(f *testing.F) {
	for _, seed := range [][10]string{
		{"Thing", "a", "bc", "EUR", "", "Thing", "ab", "c", "EUR", ""},
		{"Thing", "1", "", "", "de", "Thing", "", "1", "", "de"},
		{"T", "é", "x,y", "currency=EUR", "", "T", "é", "x", "y,currency=EUR", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], true, seed[5], seed[6], seed[7], seed[8], seed[9], false)
	}
	f.Fuzz(func(t *testing.T, kind, id, args, currency, language string, there bool, kind2, id2, args2, currency2, language2 string, there2 bool) {
		key := func(kind, id, args, currency, language string, there bool) identity {
			i := identity{shape: "s", kind: kind, id: id, arguments: []byte(args), context: map[string]string{"currency": currency}, vary: []string{"currency", "language"}}
			if there {
				i.context["language"] = language
			}
			return i
		}
		one, two := key(kind, id, args, currency, language, there), key(kind2, id2, args2, currency2, language2, there2)
		same := kind == kind2 && id == id2 && args == args2 && currency == currency2 && there == there2 && (!there || language == language2)
		if (one.digest() == two.digest()) != same {
			t.Errorf("%+v and %+v: the same key is %v, want %v", one, two, !same, same)
		}
		ns := newNamespace("run", "test")
		if one.digest() != two.digest() && ns.entry(one.digest()) == ns.entry(two.digest()) {
			t.Error("128 bits of two digests are the same")
		}
	})
}

func TestAnEntryOfSomethingElseIsAMiss(t *testing.T) {
	t.Parallel()
	e := entry{digest: digest{1}, seq: 7, expires: time.UnixMicro(5), found: true, body: []byte("body")}
	got, err := decodeEntry(e.encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, got, cmp.AllowUnexported(entry{})); diff != "" {
		t.Error(diff)
	}
	for _, b := range [][]byte{nil, []byte("x"), append([]byte{2}, e.encode()[1:]...)} {
		if _, err := decodeEntry(b); err == nil {
			t.Errorf("%q was read", b)
		}
	}
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	b := breaker{now: func() time.Time { return now }}
	tell := func(results string) (allowed string) {
		for _, r := range results {
			if !b.allow() {
				allowed += "-"
				continue
			}
			allowed += "+"
			b.done(r == 'o')
		}
		return allowed
	}
	if got := tell("xxxxoxxxxxo"); got != strings.Repeat("+", 10)+"-" || b.closed() {
		t.Errorf("five failures in a row: %s", got)
	}
	now = now.Add(openFor)
	if !b.allow() || b.allow() {
		t.Error("want one probe at a time")
	}
	b.release()
	if got := tell("xo"); got != "+-" {
		t.Errorf("a probe that fails: %s", got)
	}
	now = now.Add(openFor)
	if got := tell("oooo"); got != "++++" || !b.closed() {
		t.Errorf("a probe that succeeds: %s", got)
	}
	now = now.Add(time.Minute)
	if got := tell(strings.Repeat("xo", 12)); got != strings.Repeat("+", 21)+"---" {
		t.Errorf("half of twenty fail: %s", got)
	}
}
