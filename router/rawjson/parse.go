package rawjson

import (
	"bytes"
	"errors"
	"strconv"
)

// MaxDepth is how deep arrays and objects may be nested.
const MaxDepth = 128

// bytesPerValue is how much text there usually is for one value, to size an arena at once.
const bytesPerValue = 12

// Errors of Parse, beside positions of malformed text.
var (
	ErrDepth = errors.New("JSON is nested too deeply")
	ErrSize  = errors.New("JSON text is larger than 2 GB")
)

// SyntaxError is the position of the first byte that is not JSON.
type SyntaxError struct{ Offset int }

func (e *SyntaxError) Error() string { return "invalid JSON at byte " + strconv.Itoa(e.Offset) }

// Parse reads the text of document number doc into its arena. The top-level value is treated as that of the key.
// Of repeated keys the last wins. Keys that the shape does not name are checked and skipped.
func (d *Doc) Parse(doc uint32, key *Key) (Value, error) {
	if len(d.Text) > 1<<31-1 {
		return Value{}, ErrSize
	}
	if cap(d.Values) == 0 {
		d.Values = make([]Value, 0, len(d.Text)/bytesPerValue+16)
	}
	p := parser{d: d, b: d.Text, doc: doc}
	v, i, err := p.value(skipSpace(p.b, 0), key, key.Lists, 0)
	if err != nil {
		return Value{}, err
	}
	if i = skipSpace(p.b, i); i != len(p.b) {
		return Value{}, &SyntaxError{i}
	}
	return v, nil
}

// ParseSpan reads a raw value that an earlier Parse of the document left, as the value of another key.
func (d *Doc) ParseSpan(raw Value, key *Key) (Value, error) {
	p := parser{d: d, b: d.Text[:raw.Off+raw.N], doc: raw.Doc}
	v, _, err := p.value(int(raw.Off), key, key.Lists, 0)
	return v, err
}

type parser struct {
	d   *Doc
	b   []byte
	doc uint32
}

func (p *parser) value(i int, key *Key, lists, depth int) (Value, int, error) {
	if i >= len(p.b) {
		return Value{}, i, &SyntaxError{i}
	}
	switch p.b[i] {
	case '"':
		end, err := p.text(i)
		return p.span(String, i, end), end, err
	case '{':
		if key.Sub != nil {
			return p.object(i, key.Sub, depth+1)
		}
	case '[':
		if lists > 0 {
			return p.list(i, key, lists-1, depth+1)
		}
	default:
		return p.scalar(i)
	}
	end, err := p.skip(i, depth)
	return p.span(Raw, i, end), end, err
}

func (p *parser) span(k Kind, from, to int) Value {
	return Value{Kind: k, Doc: p.doc, Off: uint32(from), N: uint32(to - from)}
}

func (p *parser) scalar(i int) (Value, int, error) {
	switch c := p.b[i]; c {
	case '"':
		end, err := p.text(i)
		return p.span(String, i, end), end, err
	case 'n':
		end, err := p.literal(i, "null")
		return Value{Kind: Null}, end, err
	case 't':
		end, err := p.literal(i, "true")
		return p.span(True, i, end), end, err
	case 'f':
		end, err := p.literal(i, "false")
		return p.span(False, i, end), end, err
	default:
		end, err := p.number(i)
		return p.span(Number, i, end), end, err
	}
}

func (p *parser) object(i int, s *Shape, depth int) (Value, int, error) {
	if depth > MaxDepth {
		return Value{}, i, ErrDepth
	}
	base := len(p.d.Values)
	p.d.Values = appendEmpty(p.d.Values, s.Slots+1)
	p.d.Values[base].Kind = Header
	v := Value{Kind: Object, Doc: p.doc, Off: uint32(base), N: uint32(s.Slots)}
	if i = skipSpace(p.b, i+1); i < len(p.b) && p.b[i] == '}' {
		return v, i + 1, nil
	}
	for expected := 0; ; {
		at, key, end, err := p.find(i, s, expected)
		if err != nil {
			return v, end, err
		}
		switch {
		case key == nil:
			end, err = p.skip(end, depth)
		case key.Typename:
			end, err = p.typename(end, base, s, depth)
		default:
			var item Value
			item, end, err = p.value(end, key, key.Lists, depth)
			p.d.Values[base+1+key.Slot] = item
		}
		if err != nil {
			return v, end, err
		}
		if key != nil {
			expected = at + 1
		}
		var more bool
		if i, more, err = p.separator(end, '}'); err != nil || !more {
			return v, i, err
		}
	}
}

// find reads a key and its colon, and returns the wanted key of that name or nil. Mostly it is the expected one, and
// needs no more than a comparison.
func (p *parser) find(i int, s *Shape, expected int) (int, *Key, int, error) {
	if expected < len(s.Keys) {
		key := &s.Keys[expected]
		if end := i + len(key.Name) + 3; end < len(p.b) && p.b[end-1] == ':' && p.b[end-2] == '"' && p.b[i] == '"' && string(p.b[i+1:end-2]) == key.Name {
			return expected, key, skipSpace(p.b, end), nil
		}
	}
	name, end, err := p.key(i)
	if err != nil {
		return 0, nil, end, err
	}
	at, key := s.Find(name, expected)
	return at, key, end, nil
}

// key reads a key and its colon, and returns the key as it would be without escapes.
func (p *parser) key(i int) ([]byte, int, error) {
	if i >= len(p.b) || p.b[i] != '"' {
		return nil, i, &SyntaxError{i}
	}
	end, err := p.text(i)
	if err != nil {
		return nil, end, err
	}
	name := p.b[i+1 : end-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		name = unescape(p.b[i:end])
	}
	if end = skipSpace(p.b, end); end >= len(p.b) || p.b[end] != ':' {
		return nil, end, &SyntaxError{end}
	}
	return name, skipSpace(p.b, end+1), nil
}

func (p *parser) typename(i, header int, s *Shape, depth int) (int, error) {
	end, err := p.skip(i, depth)
	if err != nil || p.b[i] != '"' {
		return end, err
	}
	p.d.Values[header].Type = s.typeID(p.b[i+1 : end-1])
	return end, nil
}

func (p *parser) list(i int, key *Key, lists, depth int) (Value, int, error) {
	if depth > MaxDepth {
		return Value{}, i, ErrDepth
	}
	mark := len(p.d.items)
	if i = skipSpace(p.b, i+1); i < len(p.b) && p.b[i] == ']' {
		return Value{Kind: List, Doc: p.doc}, i + 1, nil
	}
	for {
		item, end, err := p.value(i, key, lists, depth)
		if err != nil {
			return item, end, err
		}
		p.d.items = append(p.d.items, item)
		var more bool
		i, more, err = p.separator(end, ']')
		if err != nil {
			return item, i, err
		}
		if !more {
			break
		}
	}
	base := len(p.d.Values)
	p.d.Values = append(p.d.Values, p.d.items[mark:]...)
	n := len(p.d.items) - mark
	p.d.items = p.d.items[:mark]
	return Value{Kind: List, Doc: p.doc, Off: uint32(base), N: uint32(n)}, i, nil
}

// separator reads what follows an item: a comma, or the closing bracket, after which there is no more.
func (p *parser) separator(i int, closing byte) (int, bool, error) {
	i = skipSpace(p.b, i)
	switch {
	case i < len(p.b) && p.b[i] == ',':
		return skipSpace(p.b, i+1), true, nil
	case i < len(p.b) && p.b[i] == closing:
		return i + 1, false, nil
	}
	return i, false, &SyntaxError{i}
}

// skip checks any value and returns its end.
func (p *parser) skip(i, depth int) (int, error) {
	if i >= len(p.b) {
		return i, &SyntaxError{i}
	}
	if p.b[i] != '{' && p.b[i] != '[' {
		_, end, err := p.scalar(i)
		return end, err
	}
	if depth++; depth > MaxDepth {
		return i, ErrDepth
	}
	closing := p.b[i] + 2 // of '{' and of '['
	inObject := p.b[i] == '{'
	if i = skipSpace(p.b, i+1); i < len(p.b) && p.b[i] == closing {
		return i + 1, nil
	}
	for {
		var err error
		if inObject {
			if _, i, err = p.key(i); err != nil {
				return i, err
			}
		}
		if i, err = p.skip(i, depth); err != nil {
			return i, err
		}
		var more bool
		if i, more, err = p.separator(i, closing); err != nil || !more {
			return i, err
		}
	}
}
