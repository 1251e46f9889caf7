package rawjson_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/soukhq/souk/router/rawjson"
)

// shelf is a text of books like those that subgraphs send, with about as much text for a value.
func shelf() []byte {
	var b strings.Builder
	b.WriteByte('[')
	for i := range 500 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"__typename":"Book","title":"A title of the usual length, and %d","meta":%d,"authors":[{"name":"Somebody"},{"name":"Somebody Else"}]}`, i, i)
	}
	b.WriteByte(']')
	return []byte(b.String())
}

func shelfKey() *rawjson.Key {
	author := &rawjson.Shape{Slots: 1, Keys: []rawjson.Key{{Name: "name"}}}
	return &rawjson.Key{Lists: 1, Sub: &rawjson.Shape{Slots: 3, Types: []rawjson.Type{{Name: "Book", ID: 1}},
		Keys: []rawjson.Key{{Name: "__typename", Typename: true}, {Name: "title"}, {Name: "meta", Slot: 1}, {Name: "authors", Slot: 2, Lists: 1, Sub: author}}}}
}

func TestParseAllocatesNothing(t *testing.T) {
	text, key := shelf(), shelfKey()
	var d rawjson.Doc
	if n := testing.AllocsPerRun(20, func() {
		d.Reset()
		d.Text = text
		if _, err := d.Parse(0, key); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations with memory that is there, want none", n)
	}
}

func BenchmarkParse(b *testing.B) {
	text, key := shelf(), shelfKey()
	var d rawjson.Doc
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		d.Reset()
		d.Text = text
		if _, err := d.Parse(0, key); err != nil {
			b.Fatal(err)
		}
	}
}
