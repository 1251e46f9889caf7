// Package idempotency remembers what came of a mutation, so that a repeated call has no second effect.
package idempotency

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/fault"
)

const (
	minKey = 8   // characters
	maxKey = 128 // characters

	minRandom   = 22 // characters that are needed to write 128 bits in base64
	minHex      = 32 // and in hexadecimal
	minDistinct = 8  // different characters in a text that passes for random
)

// Scope is where a key is known: the same key in another scope is another key.
type Scope struct {
	Caller   string // who asks: the id of the customer; empty for nobody
	Resource string // the id of what is changed, without its secret; empty where something is made
	Mutation string // the name of the mutation
}

// Key is the idempotency key of one call. The zero value is that of a call without one.
type Key struct {
	scope   string
	key     []byte // SHA-256 of the caller's key
	request []byte // HMAC-SHA256 of the request under the caller's key, so that nobody finds out the request by trying
}

// Read makes the key of a call from what the caller gave, nil for no key. The request is all that decides the effect, as
// values that JSON can write. The fault INVALID is that of a key that has not 8 to 128 characters, or that others could
// guess where neither caller nor resource keeps them apart: there it must hold 128 random bits.
func Read(given *string, scope Scope, request ...any) (Key, error) {
	if given == nil {
		return Key{}, nil
	}
	if n := utf8.RuneCountInString(*given); n < minKey || n > maxKey {
		return Key{}, invalid(fmt.Sprintf("An idempotency key has %d to %d characters.", minKey, maxKey))
	}
	if scope.Caller == "" && scope.Resource == "" && !random(*given) {
		return Key{}, invalid("Without a signed-in customer an idempotency key must be random: a UUID of version 4, or at least 22 random characters of base64.")
	}
	text, err := json.Marshal(request)
	if err != nil {
		return Key{}, fmt.Errorf("write request for its hash: %w", err)
	}
	name, err := json.Marshal([]string{scope.Caller, scope.Resource, scope.Mutation})
	if err != nil {
		return Key{}, fmt.Errorf("write scope of idempotency key: %w", err)
	}
	sum := sha256.Sum256([]byte(*given))
	mac := hmac.New(sha256.New, []byte(*given))
	mac.Write(text)
	return Key{scope: string(name), key: sum[:], request: mac.Sum(nil)}, nil
}

// Given tells whether the caller gave a key.
func (k Key) Given() bool { return k.key != nil }

// Sums returns what to keep of the key and of its request where the row of the effect is also that of the key.
func (k Key) Sums() (key, request []byte) { return k.key, k.request }

func invalid(message string) error { return fault.New("INVALID", message, "idempotencyKey") }

// Refuse is the fault of a key for a mutation that returns tokens: its answer must not be had twice. It is nil where no
// key was given.
func Refuse(given *string) error {
	if given == nil {
		return nil
	}
	return invalid("This mutation returns a secret and takes no idempotency key.")
}

// random tells whether a key has the form of 128 random bits: a UUID of version 4, 32 hexadecimal digits, or 22 characters
// of base64, with 8 different characters at least. Only the form can be checked.
func random(key string) bool {
	if id, err := uuid.Parse(key); err == nil && len(key) == 36 { // Other notations are hexadecimal.
		return id.Version() == 4
	}
	distinct := map[rune]bool{}
	hex := true
	for _, c := range strings.TrimRight(key, "=") {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		case c >= 'g' && c <= 'z', c >= 'G' && c <= 'Z', strings.ContainsRune("+/-_", c):
			hex = false
		default:
			return false
		}
		distinct[c] = true
	}
	n := len(strings.TrimRight(key, "="))
	return n >= minRandom && (n >= minHex || !hex) && len(distinct) >= minDistinct
}
