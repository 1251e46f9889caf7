package product

import (
	"slices"
	"strings"
)

// LanguageTag writes a language as a tag in lower case: de-at for de-AT, pt-br for PT_BR.
func LanguageTag(language string) string {
	return strings.ReplaceAll(strings.ToLower(language), "_", "-")
}

// Fallback returns in which languages texts are looked for before the shop's own: the wanted one, then wider ones (de-at,
// then de), of those that the shop speaks, of which the first is its own (rule G-3). What is wider than its own language is
// not looked for.
func Fallback(wanted string, spoken []string) []string {
	var chain []string
	for tag := LanguageTag(wanted); tag != ""; {
		if tag == spoken[0] {
			break
		}
		if slices.Contains(spoken, tag) {
			chain = append(chain, tag)
		}
		cut := strings.LastIndexByte(tag, '-')
		tag = tag[:max(cut, 0)]
	}
	return chain
}

// Language is the language of most texts in this view, given those that the shop speaks.
func (v View) Language(spoken []string) string {
	if len(v.Languages) > 0 {
		return v.Languages[0]
	}
	return spoken[0]
}
