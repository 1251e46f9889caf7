package input

import (
	"bytes"
	"encoding/json"
)

// Members splits a JSON object, or null, into the values by name. It reports false for anything else.
func Members(object []byte) (map[string][]byte, bool) {
	trimmed := bytes.Trim(object, " \t\r\n")
	if len(trimmed) == 0 || string(trimmed) == "null" {
		return nil, true
	}
	if !json.Valid(trimmed) || trimmed[0] != '{' {
		return nil, false
	}
	members := map[string][]byte{}
	eachMember(trimmed, func(name string, value []byte) bool {
		members[name] = value
		return true
	})
	return members, true
}

// eachMember calls visit for every member of an object in valid JSON until it returns false.
func eachMember(object []byte, visit func(name string, value []byte) bool) {
	i := skipSpace(object, 1)
	for i < len(object) && object[i] != '}' {
		end := valueEnd(object, i)
		name, _ := stringOf(object[i:end])
		i = skipSpace(object, end) // at the colon
		i = skipSpace(object, i+1) // at the value
		end = valueEnd(object, i)
		if !visit(name, object[i:end]) {
			return
		}
		i = nextItem(object, end)
	}
}

// eachElement calls visit for every element of a list in valid JSON until it returns false.
func eachElement(list []byte, visit func(element []byte) bool) {
	i := skipSpace(list, 1)
	for i < len(list) && list[i] != ']' {
		end := valueEnd(list, i)
		if !visit(list[i:end]) {
			return
		}
		i = nextItem(list, end)
	}
}

// nextItem steps over a comma.
func nextItem(b []byte, i int) int {
	i = skipSpace(b, i)
	if i < len(b) && b[i] == ',' {
		i = skipSpace(b, i+1)
	}
	return i
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// valueEnd returns the index behind the value that starts at i.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i) - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // of what surrounds a number or a word
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// stringEnd returns the index behind the string that starts at i.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return i
}

// nestingOf returns how deep lists and objects nest in valid JSON.
func nestingOf(b []byte) int {
	depth, deepest := 0, 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i) - 1
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// appendCompact adds valid JSON without its white space.
func appendCompact(dst, raw []byte) []byte {
	b := bytes.NewBuffer(dst)
	if err := json.Compact(b, raw); err != nil {
		panic(err) // the caller has checked that it is valid
	}
	return b.Bytes()
}
