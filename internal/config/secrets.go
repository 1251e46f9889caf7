package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The environment variables that hold secrets. They have no flags, as command lines can be read by others.
const (
	RouterSecret   = "SOUK_ROUTER_SECRET"    // signs requests from the router, and between services
	CartKeys       = "SOUK_CART_KEYS"        // signs the ids of carts: <number>:<secret>,…
	TokenKey       = "SOUK_TOKEN_KEY"        // signs customers' access tokens: 32 bytes as base64
	TokenPublicKey = "SOUK_TOKEN_PUBLIC_KEY" // verifies them: 32 bytes as base64
	RedisURL       = "REDIS_URL"
	DatabaseURL    = "DATABASE_URL" // a whole cluster, for development
)

// ServiceDatabaseURL is the variable with the address of a service's database in its service role.
func ServiceDatabaseURL(service string) string {
	return "SOUK_" + strings.ToUpper(service) + "_DATABASE_URL"
}

// OwnerDatabaseURL is the variable with the address of a service's database in the role that migrates.
func OwnerDatabaseURL(service string) string {
	return "SOUK_" + strings.ToUpper(service) + "_OWNER_DATABASE_URL"
}

// Secrets are secrets by the name of their variable.
type Secrets map[string]string

// Environment reads secrets that must be there, from the environment or the file of settings.
func (f *File) Environment(names ...string) (Secrets, error) {
	s := Secrets{}
	var missing []string
	for _, name := range names {
		value, err := f.Secret(name)
		if err != nil {
			return nil, err
		}
		if value == "" {
			missing = append(missing, name)
		}
		if knownToEverybody(value) && os.Getenv("SOUK_ENV") == "production" {
			return nil, fmt.Errorf("%s is the one for development, which everybody knows: set another where SOUK_ENV is production", name)
		}
		s[name] = value
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("set %s: `souk servers` writes what each service needs to files", join(missing, "and"))
	}
	return s, nil
}

// Secret reads a variable, or the file that the variable with _FILE behind its name points to, or the file of settings. It is
// empty where none of them has it.
func (f *File) Secret(name string) (string, error) {
	if value := os.Getenv(name); value != "" {
		return value, nil
	}
	path := os.Getenv(name + "_FILE")
	if path == "" {
		return f.secrets[name], nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read %s_FILE: %w", name, err)
	}
	return strings.TrimSpace(string(b)), nil
}

// knownToEverybody tells whether a secret is one of those in docker-compose.yml, which say so themselves.
func knownToEverybody(secret string) bool {
	plain, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		plain = nil
	}
	return strings.Contains(secret, developmentOnly) || strings.Contains(string(plain), developmentOnly)
}

const developmentOnly = "development-only"

// Kept returns the shop's own secrets that are kept in the state folder, made at the first call.
func Kept(stateDir string) (Secrets, error) {
	path := filepath.Join(stateDir, "secrets.env")
	b, err := os.ReadFile(path)
	switch {
	case err == nil:
		return parseEnv(string(b)), nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read secrets: %w", err)
	}
	s := Secrets{RouterSecret: random(), CartKeys: "1:" + random(), TokenKey: random()}
	if err := WriteEnv(path, s); err != nil {
		return nil, err
	}
	return s, nil
}

func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // It never fails.
	return base64.StdEncoding.EncodeToString(b)
}

// WriteEnv writes variables as a file that only its owner can read: NAME=value, a line each, whole or not at all.
func WriteEnv(path string, values map[string]string) error {
	var text strings.Builder
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&text, "%s=%s\n", name, values[name])
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make folder of %s: %w", filepath.Base(path), err)
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

func parseEnv(text string) Secrets {
	s := Secrets{}
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(strings.TrimSpace(line), "="); found {
			s[name] = value
		}
	}
	return s
}
