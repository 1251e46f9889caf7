package product

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// InHandle tells whether a character can be in a handle: letters of any script, digits, dashes, underscores.
func InHandle(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '-' || r == '_'
}

// IsHandle tells whether a text can be a handle.
func IsHandle(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !InHandle(r) })
}

// SortedTags returns tags in alphabetical order without spaces around them. Words that differ only in case are one.
func SortedTags(words []string) []string {
	tags := []string{}
	for _, word := range words {
		word = strings.TrimSpace(word)
		if word != "" && !slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, word) }) {
			tags = append(tags, word)
		}
	}
	slices.SortFunc(tags, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return tags
}
