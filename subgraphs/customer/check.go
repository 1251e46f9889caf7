package customer

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/soukhq/souk/internal/fault"
)

const (
	minPassword = 10  // characters (rule A-4)
	maxPassword = 128 // characters
	maxEmail    = 254 // characters, RFC 5321
	maxLocal    = 64  // characters before the @, RFC 5321
	maxName     = 100 // characters
)

var (
	domain = regexp.MustCompile(`^([\pL\pN]([\pL\pN-]{0,61}[\pL\pN])?\.)+[\pL\pN]([\pL\pN-]{0,61}[\pL\pN])$`)
	phone  = regexp.MustCompile(`^\+[0-9]([ ()./-]*[0-9]){5,14}$`)
)

// Check returns all that is wrong with a registration; nil where it can be accepted.
func (r Registration) Check() error {
	var faults fault.List
	faults = append(faults, checkEmail(r.Email)...)
	faults = append(faults, checkPassword(r.Password)...)
	faults = append(faults, checkName(r.FirstName, "firstName")...)
	faults = append(faults, checkName(r.LastName, "lastName")...)
	if p := trimmed(r.Phone); p != nil && !phone.MatchString(*p) {
		faults.Addf("INVALID", []string{"input", "phone"}, "A phone number is written with its country prefix, as in +49 30 901820.")
	}
	return faults.Err()
}

func checkEmail(text string) fault.List {
	at := []string{"input", "email"}
	email := NormalEmail(text)
	address, err := mail.ParseAddress(email)
	local, host, _ := strings.Cut(email, "@")
	var faults fault.List
	switch {
	case email == "":
		faults.Addf("BLANK", at, "The e-mail address is missing.")
	case utf8.RuneCountInString(email) > maxEmail:
		faults.Addf("TOO_LONG", at, "The e-mail address has more than %d characters.", maxEmail)
	case err != nil || address.Address != email || len(local) > maxLocal || !domain.MatchString(host) || !storable(email):
		faults.Addf("EMAIL_INVALID", at, "This is not an e-mail address.")
	}
	return faults
}

func checkPassword(password string) fault.List {
	at := []string{"input", "password"}
	n := utf8.RuneCountInString(password)
	var faults fault.List
	switch {
	case password == "":
		faults.Addf("BLANK", at, "The password is missing.")
	case strings.TrimSpace(password) != password:
		faults.Addf("PASSWORD_STARTS_OR_ENDS_WITH_WHITESPACE", at, "The password begins or ends with a space.")
	case n < minPassword:
		faults.Addf("TOO_SHORT", at, "The password has fewer than %d characters.", minPassword)
	case n > maxPassword:
		faults.Addf("TOO_LONG", at, "The password has more than %d characters.", maxPassword)
	}
	return faults
}

// checkName takes empty text, as forms send it, for no name.
func checkName(name *string, field string) fault.List {
	if name == nil || *name == "" {
		return nil
	}
	at := []string{"input", field}
	var faults fault.List
	switch {
	case strings.TrimSpace(*name) == "":
		faults.Addf("BLANK", at, "The name is only space.")
	case utf8.RuneCountInString(*name) > maxName:
		faults.Addf("TOO_LONG", at, "The name has more than %d characters.", maxName)
	case strings.ContainsFunc(*name, unicode.IsControl) || strings.ContainsAny(*name, "<>") || strings.Contains(*name, "://") || !storable(*name):
		faults.Addf("INVALID", at, "The name holds characters that are not part of names.")
	}
	return faults
}

// storable tells whether Postgres can keep a text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
