// Package customer keeps the accounts of those who buy.
package customer

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/internal/gid"
	"github.com/soukhq/souk/internal/idempotency"
)

// Customer is a person with an account. It serves the GraphQL type Customer.
type Customer struct {
	UUID             uuid.UUID
	Email            string // in lower case, unique
	PasswordHash     string // in PHC notation
	FirstName        *string
	LastName         *string
	Phone            *string
	AcceptsMarketing bool
	Version          int64 // grows with each change
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// Store keeps customers and their sessions.
type Store interface {
	// ByIDs returns the customers that exist, in one statement.
	ByIDs(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Customer, error)
	// ByEmail returns the customer who has an e-mail address, written in lower case; nil and false where nobody has.
	ByEmail(ctx context.Context, email string) (*Customer, bool, error)
	// Insert keeps a new customer and tells of it, once for each key, and returns the id of the one who was made. The fault
	// is Taken where somebody has the e-mail address.
	Insert(ctx context.Context, c *Customer, key idempotency.Key) (uuid.UUID, error)
	// InsertSession keeps a new session.
	InsertSession(ctx context.Context, s *Session) error
	// UpdateSession changes a session in one transaction; false where there is none.
	UpdateSession(ctx context.Context, id uuid.UUID, change func(*Session)) (found bool, err error)
	// PurgeSessions forgets at most limit sessions that ended before a time, and tells how many.
	PurgeSessions(ctx context.Context, before time.Time, limit int) (int64, error)
}

// Registration is what a person says to open an account. It serves the GraphQL type CustomerCreateInput.
type Registration struct {
	AcceptsMarketing *bool
	Email            string
	FirstName        *string
	LastName         *string
	Password         string
	Phone            *string
}

// Credentials are what a person signs in with. They serve the GraphQL type CustomerAccessTokenCreateInput.
type Credentials struct {
	Email    string
	Password string
}

// Register makes a customer of a registration that passed Check; the hash is that of its password.
func Register(r Registration, passwordHash string, now time.Time) *Customer {
	now = now.UTC().Truncate(time.Microsecond) // As exact as it is stored.
	return &Customer{
		UUID: gid.New(), Email: NormalEmail(r.Email), PasswordHash: passwordHash, FirstName: trimmed(r.FirstName),
		LastName: trimmed(r.LastName), Phone: trimmed(r.Phone), AcceptsMarketing: r.AcceptsMarketing != nil && *r.AcceptsMarketing,
		Version: 1, CreatedAt: now, UpdatedAt: now,
	}
}

// Told is the event that tells the others of the account as it is now, and nothing personal.
func (c *Customer) Told() event.Event {
	return event.New(c.ID(), c.Version, event.CustomerUpdated{CustomerID: c.ID()}, c.UpdatedAt)
}

// State is the account as the state feed shows it (rule E-12).
func (c *Customer) State() event.State {
	return event.State{Kind: "Customer", Subject: c.ID(), Version: c.Version, Data: c.Told().Data}
}

// Address returns the e-mail address as it is looked up, and whether anybody can have it.
func (c Credentials) Address() (email string, possible bool) {
	email = NormalEmail(c.Email)
	return email, storable(email)
}

// IsEntity marks the entity for generated code.
func (*Customer) IsEntity() {}

// IsNode marks the GraphQL interface.
func (*Customer) IsNode() {}

// ID is the id that the graph shows and that access tokens carry.
func (c *Customer) ID() string { return gid.Format("Customer", c.UUID) }

// DisplayName is the name to greet the person with: names where given, else the e-mail address.
func (c *Customer) DisplayName() string {
	var names []string
	for _, n := range []*string{c.FirstName, c.LastName} {
		if n != nil {
			names = append(names, *n)
		}
	}
	if len(names) == 0 {
		return c.Email
	}
	return strings.Join(names, " ")
}

// Taken is the fault of an e-mail address that somebody has already. It reveals that the account exists: the setting
// "reveal" of rule A-4, the default in development. The setting that conceals it needs mails that tell the owner of the
// address; it comes with them.
func Taken() *fault.Error {
	return fault.New("TAKEN", "There is an account with this e-mail address already.", "input", "email")
}

// Unidentified is the fault of an e-mail address and a password that do not fit; it does not say which (rule A-4).
func Unidentified() *fault.Error {
	return fault.New("UNIDENTIFIED_CUSTOMER", "E-mail address and password do not fit.", "input")
}

// NormalEmail is the form in which an e-mail address is compared: without outer space, in lower case.
func NormalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// trimmed is a text without outer space, or nil where nothing is left.
func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	t := strings.TrimSpace(*s)
	if t == "" {
		return nil
	}
	return &t
}
