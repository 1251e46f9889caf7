package main

import (
	"regexp"
	"testing"
)

var literal = regexp.MustCompile(`\bt "([^"]+)"`)

// texts are those that templates, fields and lists name.
func texts(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	files, err := templates.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		content, err := templates.ReadFile("templates/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(content), -1) {
			all[m[1]] = true
		}
	}
	for _, fields := range [][]field{checkoutPage{}.Fields(), credentials{}.SignInFields(), credentials{}.RegisterFields()} {
		for _, f := range fields {
			all[f.Label] = true
		}
	}
	for _, s := range sorts {
		all[s.Label] = true
	}
	for _, s := range scenarios {
		all[s.Title], all[s.Text] = true, true
	}
	return all
}
