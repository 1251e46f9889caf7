package plan

import "strings"

// textBlock is how many bytes are taken at once for texts.
const textBlock = 1024

// texts makes many small strings that share memory.
type texts struct{ block strings.Builder }

// join returns the parts as one string.
func (t *texts) join(parts ...string) string {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if t.block.Cap()-t.block.Len() < n {
		t.block = strings.Builder{}
		t.block.Grow(max(n, textBlock))
	}
	at := t.block.Len()
	for _, p := range parts {
		t.block.WriteString(p)
	}
	return t.block.String()[at:]
}
