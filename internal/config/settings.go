package config

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// setting is something that can be set in a file. It has the same name there as on the command line.
type setting struct {
	name, variable string
	fallback       string // the default, as it is written
	help           string
	kind           kind
	choices        []string // the only values that a text may have
	path           bool     // of a file that must be there
	hidden         bool
	secret         bool
	flag           bool // false of those that only variables and files have
}

// kind is how a setting is written.
type kind string

const (
	text     kind = "text"
	truth    kind = "true or false"
	duration kind = "duration"
	list     kind = "list"
	pairs    kind = "names with values"
)

// settingsOf are all settings: the flags of serve, which the other commands share, and the secrets, which have no flags.
func settingsOf(model *kong.Application) []setting {
	var all []setting
	i := slices.IndexFunc(model.Children, func(n *kong.Node) bool { return n.Name == "serve" })
	for _, f := range model.Children[i].Flags {
		if f.Name == "config" || len(f.Envs) == 0 {
			continue
		}
		s := setting{flag: true, name: f.Name, variable: f.Envs[0], fallback: f.Default, help: f.Help, kind: kindOf(f.Target.Type()), path: f.Tag.Type == "existingfile", hidden: f.Hidden}
		if f.Enum != "" {
			s.choices = strings.Split(f.Enum, ",")
		}
		all = append(all, s)
	}
	for _, s := range secrets() {
		s.name = strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(s.variable, "SOUK_")), "_", "-")
		s.kind = text
		all = append(all, s)
	}
	return all
}

func kindOf(t reflect.Type) kind {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return duration
	case t.Kind() == reflect.Bool:
		return truth
	case t.Kind() == reflect.Slice:
		return list
	case t.Kind() == reflect.Map:
		return pairs
	default:
		return text
	}
}

// secrets are the settings that are never shown. Those that are addresses are secret for the password in them.
func secrets() []setting {
	all := []setting{
		{variable: RouterSecret, secret: true, help: "Signs requests from the router, and between services; at least 16 characters, the same for all."},
		{variable: CartKeys, secret: true, help: "Sign the ids of carts, as NUMBER:SECRET; the first signs, all verify. For cart and checkout."},
		{variable: TokenKey, secret: true, help: "Signs customers' access tokens: 32 random bytes as base64. For customer."},
		{variable: TokenPublicKey, help: "Verifies customers' access tokens: 32 bytes as base64. For all but customer."},
		{variable: RedisURL, secret: true, help: "The address of Redis."},
		{variable: DatabaseURL, secret: true, help: "The address of a PostgreSQL in which databases and roles may be made; for the whole shop, and for databases."},
	}
	for _, name := range append(slices.Clone(Services[:len(Services)-1]), "fakepay") {
		all = append(all,
			setting{variable: ServiceDatabaseURL(name), secret: true, help: "The address of the database of " + name + ", in the role that uses it."},
			setting{variable: OwnerDatabaseURL(name), secret: true, help: "The same in the role that owns it; where it is set, the service migrates when it starts."})
	}
	return all
}

// inEnvironment tells whether a variable, or the file of a secret, is set.
func (s setting) inEnvironment() bool {
	if s.variable == "" {
		return false
	}
	_, set := os.LookupEnv(s.variable)
	return set || !s.flag && os.Getenv(s.variable+"_FILE") != ""
}
