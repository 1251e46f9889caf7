package router

import (
	"bytes"
	"sync"
)

// exchange holds the buffers of one request. Nothing may refer to them once it is answered.
type exchange struct {
	in   bytes.Buffer // the body as it came, or as it was decompressed
	text []byte       // strings of it without escapes
	out  []byte       // the body of the answer
	seen Seen         // what the observer is told
}

// keptBuffer is how many bytes a buffer may have to be used again. Larger ones are rare, and left to be collected.
const keptBuffer = 1 << 20

var exchanges = sync.Pool{New: func() any { return &exchange{} }}

func newExchange() *exchange { return exchanges.Get().(*exchange) }

// free gives the buffers back.
func (x *exchange) free() {
	if x.in.Cap() > keptBuffer || cap(x.text) > keptBuffer || cap(x.out) > keptBuffer {
		return
	}
	x.in.Reset()
	x.seen = Seen{}
	exchanges.Put(x)
}
