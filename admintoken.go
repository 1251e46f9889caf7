package main

import (
	"fmt"
	"time"

	"github.com/soukhq/souk/internal/config"
	"github.com/soukhq/souk/internal/identity"
)

// makeAdminToken writes a token for an administrator's program. It is signed with the shop's token key: that of the
// environment, else that of the state folder.
func makeAdminToken(c *config.AdminToken) error {
	key, err := c.Secret(config.TokenKey)
	if err != nil {
		return err
	}
	if key == "" {
		secrets, err := config.Kept(c.StateDir)
		if err != nil {
			return err
		}
		key = secrets[config.TokenKey]
	}
	issuer, err := identity.NewIssuer(key)
	if err != nil {
		return fmt.Errorf("%s: %w", config.TokenKey, err)
	}
	token, err := issuer.IssueAdmin(c.Client, c.Scopes, c.TTL, time.Now())
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}
