package rawjson

import (
	"encoding/binary"
	"encoding/json"
	"math/bits"
)

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

func (p *parser) literal(i int, word string) (int, error) {
	if len(p.b)-i < len(word) || string(p.b[i:i+len(word)]) != word {
		return i, &SyntaxError{i}
	}
	return i + len(word), nil
}

// text checks the string that starts at i and returns the index after its closing quote.
func (p *parser) text(i int) (int, error) {
	b := p.b
	for i++; ; i++ {
		for i+8 <= len(b) { // eight bytes at a time, as long as none of them is special
			special := specialBytes(binary.LittleEndian.Uint64(b[i:]))
			if special != 0 {
				i += bits.TrailingZeros64(special) / 8
				break
			}
			i += 8
		}
		if i >= len(b) {
			return i, &SyntaxError{i}
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, nil
		case c < ' ':
			return i, &SyntaxError{i}
		case c == '\\':
			n := escapeLength(b[i:])
			if n == 0 {
				return i, &SyntaxError{i}
			}
			i += n - 1
		}
	}
}

// specialBytes marks the quotes, backslashes and control characters among eight bytes: the highest bit of the lowest of
// them is set. Bits above that one may be wrong.
func specialBytes(w uint64) uint64 {
	const low, high = 0x0101010101010101, 0x8080808080808080
	quote, backslash := w^low*'"', w^low*'\\'
	return ((quote-low)&^quote | (backslash-low)&^backslash | (w-low*' ')&^w) & high
}

// escapeLength returns the length of the escape sequence at the start of b, or 0.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// number checks the number that starts at i and returns its end.
func (p *parser) number(i int) (int, error) {
	b := p.b
	if b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	case digits(b, i) > i:
		i = digits(b, i)
	default:
		return i, &SyntaxError{i}
	}
	if i < len(b) && b[i] == '.' {
		end := digits(b, i+1)
		if end == i+1 {
			return end, &SyntaxError{end}
		}
		i = end
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		end := digits(b, i)
		if end == i {
			return end, &SyntaxError{end}
		}
		i = end
	}
	return i, nil
}

func digits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}

// unescape decodes a checked string with its quotes: the slow path of keys with escapes.
func unescape(quoted []byte) []byte {
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil
	}
	return []byte(s)
}
