package router

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// members goes through the members of an object in a text that is known to be valid JSON.
type members struct {
	text []byte
	at   int
}

// next returns the next member as it is written. It reports false after the last one.
func (m *members) next() (key, value []byte, ok bool) {
	m.skip() // a brace or comma comes before each key
	if m.text[m.at] == '}' {
		return nil, nil, false
	}
	if m.at++; m.text[m.at-1] == '{' {
		if m.skip(); m.text[m.at] == '}' {
			return nil, nil, false
		}
	}
	key = m.value()
	m.skip()
	m.at++ // the colon
	return key, m.value(), true
}

func (m *members) skip() {
	for m.text[m.at] <= ' ' {
		m.at++
	}
}

// value returns the value that comes next.
func (m *members) value() []byte {
	m.skip()
	start, depth := m.at, 0
	for {
		switch m.text[m.at] {
		case '"':
			for m.at++; m.text[m.at] != '"'; m.at++ {
				if m.text[m.at] == '\\' {
					m.at++
				}
			}
			m.at++
		case '{', '[':
			depth++
			m.at++
		case '}', ']':
			depth--
			m.at++
		default:
			m.at++
			if depth == 0 {
				for c := m.text[m.at]; c > ' ' && c != ',' && c != '}' && c != ']'; c = m.text[m.at] {
					m.at++
				}
			}
		}
		if depth == 0 {
			return m.text[start:m.at]
		}
	}
}

// appendString appends what a valid JSON string says. Halves of characters become U+FFFD.
func appendString(dst, quoted []byte) []byte {
	s := quoted[1 : len(quoted)-1]
	for len(s) > 0 {
		plain := bytes.IndexByte(s, '\\')
		if plain < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:plain]...)
		s = s[plain:]
		switch c := s[1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := codePoint(s)
			if pair := utf16.DecodeRune(r, codePoint(s[6:])); pair != utf8.RuneError {
				r, s = pair, s[6:]
			}
			dst = utf8.AppendRune(dst, r)
			s = s[6:]
			continue
		default:
			dst = append(dst, c)
		}
		s = s[2:]
	}
	return dst
}

// codePoint reads \u and four digits, or returns U+FFFD where the text is something else.
func codePoint(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return utf8.RuneError
	}
	n, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}

// object returns the members of a JSON object; nil where the text is none.
func object(text []byte) *members {
	if !json.Valid(text) {
		return nil
	}
	m := &members{text: text}
	if m.skip(); m.text[m.at] != '{' {
		return nil
	}
	return m
}
