package demo

import "fmt"

// ornaments are patterns by name; each defines the paint "ornament".
var ornaments = map[string]func(*canvas) string{
	"plain": func(*canvas) string { return tile(40, 40, "") },
	"dots": func(c *canvas) string {
		return tile(56, 56, fmt.Sprintf(`<g fill="%s"><circle cx="14" cy="14" r="7"/><circle cx="42" cy="42" r="7"/></g>`, c.ink2()))
	},
	"stripes": func(c *canvas) string {
		return tile(40, 64, fmt.Sprintf(`<g fill="%s"><rect y="8" width="40" height="12"/><rect y="28" width="40" height="4"/></g>`, c.ink2()))
	},
	"columns": func(c *canvas) string {
		return tile(48, 40, fmt.Sprintf(`<rect x="8" width="10" height="40" fill="%s"/><rect x="26" width="3" height="40" fill="%s"/>`, c.ink2(), c.ink2()))
	},
	"zigzag": func(c *canvas) string {
		return tile(64, 72, fmt.Sprintf(`<path d="M-8 30 16 6 48 38 72 14M-8 66 16 42 48 74 72 50" fill="none" stroke="%s" stroke-width="7"/>`, c.ink2()))
	},
	"diamonds": func(c *canvas) string {
		return tile(72, 96, fmt.Sprintf(`<path d="M36 4 68 48 36 92 4 48z" fill="none" stroke="%s" stroke-width="6"/><path d="M36 30 50 48 36 66 22 48z" fill="%s"/>`, c.ink2(), c.ink2()))
	},
	"stars": func(c *canvas) string {
		return tile(88, 88, fmt.Sprintf(`<path d="%s%s" fill="%s"/>`, star(22, 22, 17), star(66, 66, 17), c.ink2()))
	},
	"scales": func(c *canvas) string {
		return tile(64, 56, fmt.Sprintf(`<path d="M0 28a32 28 0 0 0 64 0M-32 0a32 28 0 0 0 64 0a32 28 0 0 0 64 0" fill="none" stroke="%s" stroke-width="5"/>`, c.ink2()))
	},
	"leaves": func(c *canvas) string {
		return tile(80, 80, fmt.Sprintf(`<path d="M20 66C4 44 14 20 40 12c4 28-4 46-20 54zM60 74c-14-10-16-22-8-36 12 8 16 20 8 36z" fill="%s"/>`, c.ink2()))
	},
}

func tile(w, h int, content string) string {
	return fmt.Sprintf(`<pattern id="ornament" width="%d" height="%d" patternUnits="userSpaceOnUse">%s</pattern>`, w, h, content)
}
