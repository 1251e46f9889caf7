// Package cartkey signs the ids of carts, of what belongs to their holders, and verifies them.
package cartkey

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/gid"
)

// Ring holds the cart keys of the shop (rule C-6). Whoever has it can verify and print the id of any cart; nothing is
// stored. New ids are signed with the key of the highest number; older numbers stay valid.
type Ring struct {
	keys   map[int][]byte
	newest int
}

// ParseRing reads keys written as "1:<secret>,2:<secret>"; secrets have at least 16 characters.
func ParseRing(s string) (*Ring, error) {
	r := &Ring{keys: map[int][]byte{}}
	for part := range strings.SplitSeq(s, ",") {
		number, secret, _ := strings.Cut(strings.TrimSpace(part), ":")
		n, err := strconv.Atoi(number)
		switch {
		case err != nil || n < 1:
			return nil, errors.New("a cart key is written as <number>:<secret>, the number from 1")
		case len(secret) < 16:
			return nil, fmt.Errorf("the secret of cart key %d is shorter than 16 characters", n)
		case r.keys[n] != nil:
			return nil, fmt.Errorf("there are two cart keys with number %d", n)
		}
		r.keys[n] = []byte(secret)
		r.newest = max(r.newest, n)
	}
	return r, nil
}

// Format writes the full id of a cart: gid://souk/Cart/<uuid>?key=<n>.<128 bits>.
func (r *Ring) Format(id uuid.UUID) string { return r.FormatAs("Cart", id) }

// Parse reads a full id and verifies its key in constant time.
func (r *Ring) Parse(full string) (uuid.UUID, bool) { return r.ParseAs("Cart", full) }

// FormatAs writes the full id of what belongs to the holder of a cart, such as its Checkout.
func (r *Ring) FormatAs(typeName string, id uuid.UUID) string {
	return gid.Format(typeName, id) + "?key=" + strconv.Itoa(r.newest) + "." + encode(r.sign(r.newest, typeName, id)[:16])
}

// ParseAs is Parse for ids of FormatAs.
func (r *Ring) ParseAs(typeName, full string) (uuid.UUID, bool) {
	plain, key, found := strings.Cut(full, "?key=")
	id, ok := gid.Parse(typeName, plain)
	number, signature, dotted := strings.Cut(key, ".")
	n, err := strconv.Atoi(number)
	if !found || !ok || !dotted || err != nil || r.keys[n] == nil {
		return uuid.Nil, false
	}
	if subtle.ConstantTimeCompare([]byte(signature), []byte(encode(r.sign(n, typeName, id)[:16]))) != 1 {
		return uuid.Nil, false
	}
	return id, true
}

// Secrets returns the secrets of 256 bits for an object, that of the newest key first. They can be made again at any time,
// so that only their hashes need to be stored: after a rotation the one that was told is a later one.
func (r *Ring) Secrets(purpose string, id uuid.UUID) []string {
	var secrets []string
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(r.keys))) {
		secrets = append(secrets, encode(r.sign(n, "secret:"+purpose, id)))
	}
	return secrets
}

// sign is an HMAC-SHA256. What is signed for carts is the id alone; for anything else its type is part of it.
func (r *Ring) sign(n int, typeName string, id uuid.UUID) []byte {
	mac := hmac.New(sha256.New, r.keys[n])
	if typeName != "Cart" {
		mac.Write([]byte(typeName + "\n"))
	}
	mac.Write(id[:])
	return mac.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
