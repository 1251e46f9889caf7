package cache

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
)

// digest identifies a result: two that differ in anything they depend on have different ones.
type digest [sha256.Size]byte

// identity is what a result depends on.
type identity struct {
	shape     string            // the policy, and the form in which it is kept
	kind, id  string            // what it is
	arguments []byte            // of a list
	context   map[string]string // what the result varies on; a name that is missing is not the same as an empty one
	vary      []string          // the names
}

// digest hashes the identity. Every part is written with its length, so that no two of them can run into each other.
func (i identity) digest() digest {
	b := make([]byte, 0, 256)
	for _, part := range []string{i.shape, i.kind, i.id, string(i.arguments)} {
		b = appendText(b, part)
	}
	names := slices.Sorted(slices.Values(i.vary))
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, name := range names {
		b = appendText(b, name)
		value, there := i.context[name]
		if !there {
			b = append(b, 0)
			continue
		}
		b = appendText(append(b, 1), value)
	}
	return sha256.Sum256(b)
}

// Names in Redis. The incarnation of Redis is part of them, so that one that was started again, restored or replaced is an
// empty cache (edge.md M.3).
type namespace string

func newNamespace(incarnation, service string) namespace {
	return namespace("souk:cache:" + incarnation + ":" + service)
}

func (n namespace) clock() string { return string(n) + ":clock" }

func (n namespace) entry(d digest) string { return string(n) + ":e:" + short(d[:]) }

// tombstone is the name of what says when a tag was last invalidated. Tags can hold anything that a caller sends.
func (n namespace) tombstone(tag string) string {
	d := sha256.Sum256([]byte(tag))
	return string(n) + ":t:" + short(d[:])
}

// short writes the first 128 bits of a digest.
func short(d []byte) string { return base64.RawURLEncoding.EncodeToString(d[:16]) }
