// Package demo is the demonstration catalogue and draws its pictures.
package demo

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Side is the width and the height of a picture in its own units. Pictures are vectors: they are crisp at any size.
const Side = 800

// Draw draws a thing of a kind in a colour, written as #rrggbb, with an ornament; "" is none. The same arguments give the
// same picture.
func Draw(kind, colour, ornament string) ([]byte, error) {
	draw, known := kinds[kind]
	base, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	pattern, known2 := ornaments[cmp.Or(ornament, "plain")]
	if !known || !known2 || err != nil || len(colour) != 7 {
		return nil, fmt.Errorf("draw %q in %q with %q: there is no such kind, colour or ornament", kind, colour, ornament)
	}
	c := &canvas{main: rgb(base)}
	c.defs()
	c.b.WriteString(pattern(c))
	c.b.WriteString("</defs>")
	c.ground()
	draw(c)
	return []byte(fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">%s</svg>`,
		Side, Side, Side, Side, c.b.String())), nil
}

// canvas collects the elements of a picture.
type canvas struct {
	b    strings.Builder
	main rgb
}

// rgb is a colour, 0xrrggbb.
type rgb uint32

func (c rgb) String() string { return fmt.Sprintf("#%06x", uint32(c)) }

// mix returns a colour between c and another one: 0 is c, 1 the other.
func (c rgb) mix(other rgb, share float64) rgb {
	var mixed rgb
	for shift := 0; shift <= 16; shift += 8 {
		a, b := float64(c>>shift&255), float64(other>>shift&255)
		mixed |= rgb(math.Round(a+(b-a)*share)) << shift
	}
	return mixed
}

func (c rgb) lighter(share float64) rgb { return c.mix(0xfff6e6, share) }
func (c rgb) darker(share float64) rgb  { return c.mix(0x2a1a12, share) }

// bright tells whether dark ink reads better on the colour.
func (c rgb) bright() bool {
	return 299*int(c>>16&255)+587*int(c>>8&255)+114*int(c&255) > 150_000
}

const (
	ink   rgb = 0x2f211b
	brass rgb = 0xc99a3f
	wood  rgb = 0xa8714a
	cream rgb = 0xf8ecd6
	clay  rgb = 0xbc6a45
)

// ink2 is the colour of what is drawn onto the main colour.
func (c *canvas) ink2() rgb {
	if c.main.bright() {
		return c.main.darker(0.55)
	}
	return c.main.lighter(0.72)
}

func (c *canvas) defs() {
	c.b.WriteString(`<defs>`)
	c.b.WriteString(shade("body", c.main.lighter(0.28), c.main, c.main.darker(0.34)))
	c.b.WriteString(shade("brass", brass.lighter(0.5), brass, brass.darker(0.4)))
	c.b.WriteString(shade("wood", wood.lighter(0.3), wood, wood.darker(0.3)))
	c.b.WriteString(shade("clay", clay.lighter(0.3), clay, clay.darker(0.34)))
	c.b.WriteString(shade("cream", 0xfffaf0, cream, cream.darker(0.14)))
	c.b.WriteString(shade("glass", 0xffffff, 0xe8f0ee, 0xc8d6d4))
	fmt.Fprintf(&c.b, `<radialGradient id="glow"><stop stop-color="#fff3c4"/><stop offset=".45" stop-color="#ffd27a" stop-opacity=".75"/><stop offset="1" stop-color="#ffb84d" stop-opacity="0"/></radialGradient>`)
	wall := c.main.mix(0xf6ecdf, 0.82)
	fmt.Fprintf(&c.b, `<linearGradient id="wall" x2="0" y2="1"><stop stop-color="%s"/><stop offset="1" stop-color="%s"/></linearGradient>`, wall.lighter(0.45), wall.darker(0.05))
	fmt.Fprintf(&c.b, `<radialGradient id="shadow"><stop stop-color="#2a1a12" stop-opacity=".42"/><stop offset="1" stop-color="#2a1a12" stop-opacity="0"/></radialGradient>`)
}

// shade is a gradient from left to right, as light falls on something round.
func shade(id string, light, middle, dark rgb) string {
	return fmt.Sprintf(`<linearGradient id="%s"><stop stop-color="%s"/><stop offset=".2" stop-color="%s"/><stop offset=".55" stop-color="%s"/><stop offset="1" stop-color="%s"/></linearGradient>`,
		id, middle, light, middle, dark)
}

// ground draws wall, table and an arch behind the thing.
func (c *canvas) ground() {
	wall := c.main.mix(0xf6ecdf, 0.82)
	c.rect(0, 0, Side, Side, 0, "url(#wall)")
	c.path("M150 640V330C150 180 262 96 400 96s250 84 250 234v310z", wall.lighter(0.5).String(), "")
	c.rect(0, 640, Side, 160, 0, wall.darker(0.1).String())
	c.rect(0, 640, Side, 6, 0, wall.darker(0.2).String())
}

func (c *canvas) path(d, fill, more string) {
	fmt.Fprintf(&c.b, `<path d="%s" fill="%s" %s/>`, d, fill, more)
}

// twice draws a shape in a colour and the ornament above it.
func (c *canvas) twice(d, fill string) {
	c.path(d, fill, "")
	c.path(d, "url(#ornament)", "")
}

func (c *canvas) line(d string, colour rgb, width float64) {
	fmt.Fprintf(&c.b, `<path d="%s" fill="none" stroke="%s" stroke-width="%g" stroke-linecap="round" stroke-linejoin="round"/>`, d, colour, width)
}

func (c *canvas) rect(x, y, w, h, r float64, fill string) {
	fmt.Fprintf(&c.b, `<rect x="%g" y="%g" width="%g" height="%g" rx="%g" fill="%s"/>`, x, y, w, h, r, fill)
}

func (c *canvas) ellipse(x, y, rx, ry float64, fill string) {
	fmt.Fprintf(&c.b, `<ellipse cx="%g" cy="%g" rx="%g" ry="%g" fill="%s"/>`, x, y, rx, ry, fill)
}

// stand draws the shadow of something that is so wide and stands on the table.
func (c *canvas) stand(width, y float64) { c.ellipse(420, y, width*0.62, 26, "url(#shadow)") }

// star is an eight-pointed star, the ornament of the house.
func star(x, y, r float64) string {
	var d strings.Builder
	for i := range 16 {
		radius := r
		if i%2 == 1 {
			radius = r * 0.62
		}
		sin, cos := math.Sincos(float64(i) * math.Pi / 8)
		fmt.Fprintf(&d, "%c%.1f %.1f", "ML"[min(i, 1)], x+radius*sin, y-radius*cos)
	}
	return d.String() + "z"
}

// label draws a paper label with a star and two lines of writing.
func (c *canvas) label(x, y, w, h float64) {
	c.rect(x, y, w, h, 10, "url(#cream)")
	c.path(star(x+w/2, y+h*0.38, min(w, h)*0.2), c.main.darker(0.25).String(), "")
	c.rect(x+w*0.24, y+h*0.68, w*0.52, 8, 4, ink.lighter(0.3).String())
	c.rect(x+w*0.34, y+h*0.8, w*0.32, 7, 4, ink.lighter(0.5).String())
}
