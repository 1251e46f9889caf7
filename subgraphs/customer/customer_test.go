package customer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukhq/souk/internal/event"
	"github.com/soukhq/souk/internal/fault"
	"github.com/soukhq/souk/subgraphs/customer"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestCheck(t *testing.T) {
	t.Parallel()
	const good = "correct horse"
	for name, c := range map[string]struct {
		email, password string
		change          func(*customer.Registration)
		want            string
	}{
		"good":                        {"Ann@Example.com", good, nil, ""},
		"good with names":             {"a+b@shop.example.co", good, func(r *customer.Registration) { r.FirstName, r.LastName = new("Anne-Marie"), new("O’Neill") }, ""},
		"an international address":    {"jürgen@müller.example", good, nil, ""},
		"empty names are no names":    {"a@b.example", good, func(r *customer.Registration) { r.FirstName = new("") }, ""},
		"no e-mail address":           {" ", good, nil, "BLANK input.email"},
		"no host":                     {"ann", good, nil, "EMAIL_INVALID input.email"},
		"a host without a dot":        {"ann@localhost", good, nil, "EMAIL_INVALID input.email"},
		"an address literal":          {"ann@[127.0.0.1]", good, nil, "EMAIL_INVALID input.email"},
		"a display name":              {"Ann <ann@b.example>", good, nil, "EMAIL_INVALID input.email"},
		"two addresses":               {"a@b.example, c@d.example", good, nil, "EMAIL_INVALID input.email"},
		"a line break":                {"a@b.example\nbcc: x@y.example", good, nil, "EMAIL_INVALID input.email"},
		"a NUL":                       {"a\x00@b.example", good, nil, "EMAIL_INVALID input.email"},
		"a long local part":           {strings.Repeat("a", 65) + "@b.example", good, nil, "EMAIL_INVALID input.email"},
		"a long address":              {"a@" + strings.Repeat("b", 250) + ".example", good, nil, "TOO_LONG input.email"},
		"no password":                 {"a@b.example", "", nil, "BLANK input.password"},
		"9 characters":                {"a@b.example", strings.Repeat("é", 9), nil, "TOO_SHORT input.password"},
		"10 characters":               {"a@b.example", strings.Repeat("é", 10), nil, ""},
		"128 characters":              {"a@b.example", strings.Repeat("é", 128), nil, ""},
		"129 characters":              {"a@b.example", strings.Repeat("é", 129), nil, "TOO_LONG input.password"},
		"space before":                {"a@b.example", " " + good, nil, "PASSWORD_STARTS_OR_ENDS_WITH_WHITESPACE input.password"},
		"a tab after":                 {"a@b.example", good + "\t", nil, "PASSWORD_STARTS_OR_ENDS_WITH_WHITESPACE input.password"},
		"a name of spaces":            {"a@b.example", good, func(r *customer.Registration) { r.LastName = new("  ") }, "BLANK input.lastName"},
		"a name that is markup":       {"a@b.example", good, func(r *customer.Registration) { r.FirstName = new("<b>") }, "INVALID input.firstName"},
		"a name that is an address":   {"a@b.example", good, func(r *customer.Registration) { r.FirstName = new("see https://x.example") }, "INVALID input.firstName"},
		"a long name":                 {"a@b.example", good, func(r *customer.Registration) { r.FirstName = new(strings.Repeat("n", 101)) }, "TOO_LONG input.firstName"},
		"a phone number":              {"a@b.example", good, func(r *customer.Registration) { r.Phone = new("+49 (30) 901-820") }, ""},
		"a phone number at home only": {"a@b.example", good, func(r *customer.Registration) { r.Phone = new("030 901820") }, "INVALID input.phone"},
		"everything at once":          {"", "short", func(r *customer.Registration) { r.Phone = new("x") }, "BLANK input.email; TOO_SHORT input.password; INVALID input.phone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := customer.Registration{Email: c.email, Password: c.password}
			if c.change != nil {
				c.change(&r)
			}
			faults, err := fault.Split(r.Check())
			var got []string
			for _, f := range faults {
				got = append(got, f.Code+" "+strings.Join(f.Field, "."))
				if c.email != "" && strings.Contains(f.Message, c.email) && len(c.email) > 1 || strings.Contains(f.Message, good) {
					t.Errorf("the message %q repeats what is personal (rule A-6)", f.Message)
				}
			}
			if err != nil || strings.Join(got, "; ") != c.want {
				t.Errorf("Check = %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	c := customer.Register(customer.Registration{
		Email: " Ann@Example.COM ", FirstName: new(" Ann "), LastName: new(""), Phone: new(" "), AcceptsMarketing: new(true),
	}, "hash", noon)
	if c.Email != "ann@example.com" || *c.FirstName != "Ann" || c.LastName != nil || c.Phone != nil || !c.AcceptsMarketing || c.PasswordHash != "hash" {
		t.Errorf("Register = %+v", c)
	}
	if got := c.DisplayName(); got != "Ann" {
		t.Errorf("DisplayName = %q, want Ann", got)
	}
	if c.FirstName = nil; c.DisplayName() != "ann@example.com" {
		t.Errorf("DisplayName without names = %q, want the e-mail address", c.DisplayName())
	}
	if !strings.HasPrefix(c.ID(), "gid://souk/Customer/") {
		t.Errorf("ID = %q (rule G-1)", c.ID())
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	const password = "correct horse"
	hash, again := customer.HashPassword(password), customer.HashPassword(password)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || hash == again || strings.Contains(hash, password) {
		t.Errorf("hashes %q, %q: want PHC notation and a new salt for each", hash, again)
	}
	for name, c := range map[string]struct {
		password, hash string
		want           bool
	}{
		"right":                  {password, hash, true},
		"wrong":                  {password + "!", hash, false},
		"empty":                  {"", hash, false},
		"nobody's, A-7":          {password, "", false},
		"another notation":       {password, "$2b$10$abc", false},
		"without cost":           {password, strings.Replace(hash, "t=2", "t=0", 1), false},
		"without lanes":          {password, strings.Replace(hash, "p=1", "p=0", 1), false},
		"without key":            {password, hash[:strings.LastIndex(hash, "$")+1], false},
		"a salt that is no text": {password, strings.Replace(hash, "p=1$", "p=1$!", 1), false},
	} {
		if got := customer.VerifyPassword(c.password, c.hash); got != c.want {
			t.Errorf("%s: VerifyPassword = %v, want %v", name, got, c.want)
		}
	}
}

// TestNobodyCostsTheSameWork holds rule A-7 as far as a clock can: the fastest of some tries with no account is not much
// faster than with one.
func TestNobodyCostsTheSameWork(t *testing.T) {
	hash := customer.HashPassword("correct horse")
	fastest := func(hash string) time.Duration {
		best := time.Hour
		for range 5 {
			started := time.Now()
			customer.VerifyPassword("battery staple", hash)
			best = min(best, time.Since(started))
		}
		return best
	}
	if somebody, nobody := fastest(hash), fastest(""); nobody < somebody/3 {
		t.Errorf("an unknown user is refused after %v, a known one after %v", nobody, somebody)
	}
}

func TestWhatOthersAreTold(t *testing.T) { // Rules E-2, A-6.
	t.Parallel()
	c := customer.Register(customer.Registration{Email: "marker@example.com", FirstName: new("Marker"), Phone: new("+49 30 901820")}, "hash", noon)
	told, state := c.Told(), c.State()
	if told.Subject != c.ID() || told.AggregateVersion != 1 || state.Kind != "Customer" || state.Subject != c.ID() || state.Version != 1 {
		t.Errorf("the event is %+v, the state %+v", told, state)
	}
	if data, err := event.Read[event.CustomerUpdated](told); err != nil || data.CustomerID != c.ID() || string(state.Data) != string(told.Data) {
		t.Errorf("the event tells %+v, %v, the state %s", data, err, state.Data)
	}
	for _, personal := range []string{"arker", "901820", "hash"} {
		if strings.Contains(string(told.Data), personal) {
			t.Errorf("the event holds %q", personal)
		}
	}
}
