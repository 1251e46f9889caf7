package config

import "time"

// Admin holds the commands of administrators.
type Admin struct {
	Token AdminToken `cmd:"" help:"Make a token with which a program may change the shop through its graph."`
}

// AdminToken makes a token for an administrator's program.
type AdminToken struct {
	Scopes []string      `required:"" placeholder:"SCOPE" help:"What the program may do: products:write, inventory:write."`
	TTL    time.Duration `name:"ttl" default:"1h" help:"For how long the token is valid, at most 24h: it cannot be revoked (${default})."`
	Client string        `default:"cli" placeholder:"NAME" help:"The name of the program, which stands in the ledger of stock (${default})."`

	State
}
