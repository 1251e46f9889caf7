package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"
)

// codec writes values of one type as bytes and reads them again: its exported fields in their order, without their names.
// Fields with the tag `cache:"-"` are left out, such as those that point back at what holds them.
type codec struct {
	signature string // of the type: bytes of another one must not be read as this one
	write     func([]byte, reflect.Value) []byte
	read      func(*reader, reflect.Value)
}

var errCut = errors.New("the bytes end too early")

// reader reads bytes from the front; after the first failure it reads nothing more.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.rest) {
		r.err = errCut
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if r.take(n) == nil || n <= 0 {
		r.err = errCut
		return 0
	}
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if r.take(n) == nil || n <= 0 {
		r.err = errCut
		return 0
	}
	return v
}

var timeType = reflect.TypeFor[time.Time]()

// codecOf makes the codec of a type. Interfaces, maps, functions and the like have none, nor have types that hold themselves.
func codecOf(t reflect.Type) (codec, error) { return compile(t, nil) }

// compile makes the codec of a type that is within others.
func compile(t reflect.Type, within []reflect.Type) (codec, error) {
	for _, outer := range within {
		if outer == t {
			return codec{}, fmt.Errorf("%s holds itself", t)
		}
	}
	if t == timeType {
		return times, nil
	}
	switch kind := t.Kind(); kind {
	case reflect.Bool:
		return booleans, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return integers, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return naturals, nil
	case reflect.Float32, reflect.Float64:
		return floats, nil
	case reflect.String:
		return texts, nil
	case reflect.Pointer, reflect.Slice, reflect.Array:
		element, err := compile(t.Elem(), append(within, t))
		if err != nil {
			return codec{}, err
		}
		switch {
		case kind == reflect.Pointer:
			return pointer(t, element), nil
		case kind == reflect.Slice:
			return slice(t, element), nil
		case t.Elem().Kind() == reflect.Uint8:
			return bytes(t), nil
		}
		return array(t, element), nil
	case reflect.Struct:
		return structure(t, append(within, t))
	}
	return codec{}, fmt.Errorf("values of the type %s cannot be kept", t)
}

var (
	booleans = codec{
		"bool",
		func(b []byte, v reflect.Value) []byte {
			if v.Bool() {
				return append(b, 1)
			}
			return append(b, 0)
		},
		func(r *reader, v reflect.Value) {
			if b := r.take(1); b != nil {
				v.SetBool(b[0] == 1)
			}
		},
	}
	integers = codec{
		"int",
		func(b []byte, v reflect.Value) []byte { return binary.AppendVarint(b, v.Int()) },
		func(r *reader, v reflect.Value) { v.SetInt(r.varint()) },
	}
	naturals = codec{
		"uint",
		func(b []byte, v reflect.Value) []byte { return binary.AppendUvarint(b, v.Uint()) },
		func(r *reader, v reflect.Value) { v.SetUint(r.uvarint()) },
	}
	floats = codec{
		"float",
		func(b []byte, v reflect.Value) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
		},
		func(r *reader, v reflect.Value) {
			if b := r.take(8); b != nil {
				v.SetFloat(math.Float64frombits(binary.LittleEndian.Uint64(b)))
			}
		},
	}
	texts = codec{
		"text",
		func(b []byte, v reflect.Value) []byte { return appendText(b, v.String()) },
		func(r *reader, v reflect.Value) { v.SetString(string(r.take(int(r.uvarint())))) },
	}
	// times are read as UTC, without the reading of a monotonic clock.
	times = codec{
		"time",
		func(b []byte, v reflect.Value) []byte {
			t := v.Interface().(time.Time)
			return binary.AppendVarint(binary.AppendVarint(b, t.Unix()), int64(t.Nanosecond()))
		},
		func(r *reader, v reflect.Value) {
			*v.Addr().Interface().(*time.Time) = time.Unix(r.varint(), r.varint()).UTC() // It is addressable, as all that is read.
		},
	}
)

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func pointer(t reflect.Type, element codec) codec {
	return codec{
		"*" + element.signature,
		func(b []byte, v reflect.Value) []byte {
			if v.IsNil() {
				return append(b, 0)
			}
			return element.write(append(b, 1), v.Elem())
		},
		func(r *reader, v reflect.Value) {
			if b := r.take(1); b == nil || b[0] == 0 {
				return
			}
			held := reflect.New(t.Elem())
			element.read(r, held.Elem())
			v.Set(held)
		},
	}
}

// slice tells apart nil and empty ones.
func slice(t reflect.Type, element codec) codec {
	return codec{
		"[]" + element.signature,
		func(b []byte, v reflect.Value) []byte {
			if v.IsNil() {
				return append(b, 0)
			}
			b = binary.AppendUvarint(b, uint64(v.Len())+1)
			for i := range v.Len() {
				b = element.write(b, v.Index(i))
			}
			return b
		},
		func(r *reader, v reflect.Value) {
			n := r.uvarint()
			if n == 0 || r.err != nil {
				return
			}
			if n-1 > uint64(len(r.rest)) { // Each element takes a byte at least, but for structures without fields.
				r.err = errCut
				return
			}
			s := reflect.MakeSlice(t, int(n-1), int(n-1))
			for i := range int(n - 1) {
				element.read(r, s.Index(i))
			}
			v.Set(s)
		},
	}
}

func array(t reflect.Type, element codec) codec {
	return codec{
		fmt.Sprintf("[%d]%s", t.Len(), element.signature),
		func(b []byte, v reflect.Value) []byte {
			for i := range t.Len() {
				b = element.write(b, v.Index(i))
			}
			return b
		},
		func(r *reader, v reflect.Value) {
			for i := range t.Len() {
				element.read(r, v.Index(i))
			}
		},
	}
}

// bytes are arrays of them, such as uuids.
func bytes(t reflect.Type) codec {
	return codec{
		fmt.Sprintf("[%d]byte", t.Len()),
		func(b []byte, v reflect.Value) []byte {
			for i := range t.Len() {
				b = append(b, byte(v.Index(i).Uint()))
			}
			return b
		},
		func(r *reader, v reflect.Value) {
			if b := r.take(t.Len()); b != nil {
				copy(v.Bytes(), b)
			}
		},
	}
}

func structure(t reflect.Type, within []reflect.Type) (codec, error) {
	type field struct {
		index int
		codec codec
	}
	var fields []field
	signature := "{"
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("cache") == "-" {
			continue
		}
		if !f.IsExported() {
			return codec{}, fmt.Errorf("%s.%s is not exported: it would be lost", t, f.Name)
		}
		c, err := compile(f.Type, within)
		if err != nil {
			return codec{}, fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		fields = append(fields, field{i, c})
		signature += f.Name + " " + c.signature + ";"
	}
	return codec{
		signature + "}",
		func(b []byte, v reflect.Value) []byte {
			for _, f := range fields {
				b = f.codec.write(b, v.Field(f.index))
			}
			return b
		},
		func(r *reader, v reflect.Value) {
			for _, f := range fields {
				f.codec.read(r, v.Field(f.index))
			}
		},
	}, nil
}

// encode writes a value.
func (c codec) encode(value any) []byte { return c.write(nil, reflect.ValueOf(value)) }

// decode reads what encode wrote into the value that the pointer points at.
func (c codec) decode(b []byte, into any) error {
	r := &reader{rest: b}
	c.read(r, reflect.ValueOf(into).Elem())
	if r.err == nil && len(r.rest) > 0 {
		r.err = errors.New("bytes are left over")
	}
	return r.err
}
