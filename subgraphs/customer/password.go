package customer

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is how much work a password takes: what OWASP names for Argon2id, about 30 ms and 19 MiB.
var cost = argon{memory: 19 * 1024, passes: 2, threads: 1}

const (
	saltLength = 16 // bytes
	keyLength  = 32 // bytes
)

// argon are the parameters of Argon2id.
type argon struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

var encoding = base64.RawStdEncoding

// HashPassword hashes a password with a new salt and writes it in PHC notation. It takes time and 19 MiB: callers bound
// how many run at once.
func HashPassword(password string) string {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // Never fails: the program ends where there is no randomness.
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.memory, cost.passes, cost.threads,
		encoding.EncodeToString(salt), encoding.EncodeToString(cost.key(password, salt, keyLength)))
}

// VerifyPassword tells whether a hash is that of a password. An empty hash, that of nobody, costs the same work (rule
//
func VerifyPassword(password, hash string) bool {
	a, salt, key, ok := readHash(hash)
	if !ok {
		cost.key(password, make([]byte, saltLength), keyLength)
		return false
	}
	return subtle.ConstantTimeCompare(a.key(password, salt, uint32(len(key))), key) == 1
}

func (a argon) key(password string, salt []byte, length uint32) []byte {
	return argon2.IDKey([]byte(password), salt, a.passes, a.memory, a.threads, length)
}

func readHash(hash string) (a argon, salt, key []byte, ok bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return a, nil, nil, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.passes, &a.threads); err != nil || a.passes < 1 || a.threads < 1 {
		return a, nil, nil, false
	}
	salt, err := encoding.DecodeString(parts[4])
	key, err2 := encoding.DecodeString(parts[5])
	return a, salt, key, err == nil && err2 == nil && len(key) > 0
}
