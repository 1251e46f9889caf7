package checkout

import "strings"

// Address is a postal address. It serves the GraphQL types Address and AddressInput.
type Address struct {
	FirstName    *string `json:"firstName,omitempty"`
	LastName     *string `json:"lastName,omitempty"`
	Company      *string `json:"company,omitempty"`
	Address1     *string `json:"address1,omitempty"`
	Address2     *string `json:"address2,omitempty"`
	City         *string `json:"city,omitempty"`
	ProvinceCode *string `json:"provinceCode,omitempty"`
	Zip          *string `json:"zip,omitempty"`
	CountryCode  *string `json:"countryCode,omitempty"`
	Phone        *string `json:"phone,omitempty"`
}

// Formatted is the address as lines of text: who, where, town, country.
func (a *Address) Formatted() []string {
	lines := []string{}
	for _, parts := range [][]*string{
		{a.FirstName, a.LastName}, {a.Company}, {a.Address1}, {a.Address2}, {a.Zip, a.City}, {a.ProvinceCode}, {a.CountryCode},
	} {
		var words []string
		for _, p := range parts {
			if p != nil && *p != "" {
				words = append(words, *p)
			}
		}
		if len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return lines
}
