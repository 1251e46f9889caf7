package demo

import "fmt"

func tin(c *canvas) {
	c.stand(300, 664)
	c.twice("M256 270h288v380q-144 40-288 0z", "url(#body)")
	c.path("M246 210q154-44 308 0v70q-154 36-308 0z", "url(#brass)", "")
	c.ellipse(400, 206, 154, 30, brass.lighter(0.35).String())
	c.label(310, 380, 180, 190)
}

func pouch(c *canvas) {
	c.stand(340, 664)
	c.twice("M240 210h320l30 420q4 34-30 34H240q-34 0-30-34z", "url(#body)")
	c.path("M240 180h320v50H240z", c.main.darker(0.3).String(), "")
	c.line("M250 244h300", c.main.lighter(0.4), 4)
	c.label(290, 330, 220, 220)
}

func jar(c *canvas) {
	c.stand(280, 664)
	c.path("M276 300h248q30 20 30 60v264q0 40-40 40H286q-40 0-40-40V360q0-40 30-60z", "url(#glass)", `opacity=".8"`)
	c.path("M258 400q142-30 284 0v222q0 32-32 32H290q-32 0-32-32z", "url(#body)", "")
	c.path("M258 400q142-30 284 0v222q0 32-32 32H290q-32 0-32-32z", "url(#ornament)", `opacity=".35"`)
	c.rect(268, 220, 264, 76, 16, "url(#wood)")
	c.rect(268, 280, 264, 14, 7, wood.darker(0.3).String())
	c.label(322, 440, 156, 160)
}

func bottle(c *canvas) {
	c.stand(240, 664)
	c.rect(372, 120, 56, 70, 10, "url(#wood)")
	c.path("M366 176h68v120c0 40 66 70 66 140v190q0 38-38 38H338q-38 0-38-38V436c0-70 66-100 66-140z", "url(#body)", `opacity=".92"`)
	c.path("M320 440c0-60 60-80 62-140v340h-44q-18 0-18-20z", "#fff", `opacity=".22"`)
	c.rect(360, 176, 80, 22, 8, "url(#brass)")
	c.label(316, 450, 168, 160)
}

func soap(c *canvas) {
	c.stand(420, 668)
	for i, y := range []float64{540, 424, 308} {
		x := 210 + float64(i)*22
		c.rect(x, y, 360, 120, 30, c.main.mix(0xffffff, float64(i)*0.16).String())
		c.rect(x, y, 360, 120, 30, "url(#ornament)")
		c.rect(x, y+86, 360, 34, 17, c.main.darker(0.2).mix(0xffffff, float64(i)*0.14).String())
	}
	c.path(star(434, 352, 34), c.main.darker(0.35).String(), "")
	c.line("M232 470h360", wood, 10)
	c.line("M412 300v368", wood, 10)
	c.path("M412 300c-60-60-90-20-70 0 14 12 50 6 70 0 60-60 90-20 70 0-14 12-50 6-70 0z", wood.String(), "")
}

func brush(c *canvas) {
	c.stand(420, 664)
	for x := 232.0; x <= 560; x += 14 {
		c.line(lineTo(x, 480, x+(x-400)*0.08, 640), cream.darker(0.25), 9)
	}
	c.twice("M190 420q0-60 60-60h300q60 0 60 60v30q0 50-60 50H250q-60 0-60-50z", "url(#body)")
	c.path(star(400, 430, 34), c.ink2().String(), "")
}

func board(c *canvas) {
	c.stand(400, 668)
	c.path("M250 250h300q30 0 30 30v350q0 30-30 30H250q-30 0-30-30V280q0-30 30-30z", "url(#body)", "")
	c.path("M356 260v-90q0-44 44-44t44 44v90z", "url(#body)", "")
	c.ellipse(400, 176, 18, 18, c.main.darker(0.6).String())
	for i, x := range []float64{268, 320, 372, 428, 486, 536} {
		c.line(fmt.Sprintf("M%g 270c%d 120-%d 240 4 380", x, 18-i*5, 14-i*3), c.main.darker(0.22), 3)
	}
}

func pot(c *canvas) {
	c.stand(440, 664)
	c.line("M196 450h-50m458 0h50", ink, 26)
	c.twice("M190 390h420v190q0 80-80 80H270q-80 0-80-80z", "url(#body)")
	c.path("M176 390q0-110 224-110t224 110z", c.main.darker(0.15).String(), "")
	c.rect(166, 380, 468, 26, 13, c.main.darker(0.3).String())
	c.rect(360, 240, 80, 34, 14, "url(#brass)")
}

func rug(c *canvas) {
	for x := 190.0; x <= 610; x += 14 {
		c.line(lineTo(x, 130, x, 158), cream.darker(0.2), 5)
		c.line(lineTo(x, 642, x, 670), cream.darker(0.2), 5)
	}
	c.rect(180, 150, 440, 500, 4, c.main.String())
	c.rect(180, 150, 440, 500, 4, "url(#ornament)")
	c.b.WriteString(frame(204, 174, 392, 452, c.ink2(), 8))
	c.rect(280, 260, 240, 280, 0, c.main.darker(0.2).String())
	c.b.WriteString(frame(280, 260, 240, 280, c.ink2(), 6))
	c.path(star(400, 400, 96), c.ink2().String(), "")
	c.path(star(400, 400, 62), c.main.String(), "")
	c.path(star(400, 400, 28), c.ink2().String(), "")
}

func cushion(c *canvas) {
	c.stand(440, 664)
	d := "M170 230c60 24 400 24 460 0 22 60 22 350 0 420-60-20-400-20-460 0-22-70-22-360 0-420z"
	c.twice(d, "url(#body)")
	c.line(d, c.main.darker(0.3), 8)
	for _, p := range [][2]float64{{170, 230}, {630, 230}, {170, 650}, {630, 650}} {
		c.ellipse(p[0], p[1], 20, 20, brass.String())
	}
}

func scarf(c *canvas) {
	for i := range 9 {
		x := 262 + float64(i)*16
		c.line(lineTo(x, 600, x-4, 660), c.main.darker(0.2), 6)
		c.line(lineTo(x+148, 630, x+150, 690), c.main.darker(0.2), 6)
	}
	c.twice("M396 330h150c20 110 10 210 2 306H402c10-100 12-200-6-306z", "url(#body)")
	c.twice("M254 320h156c-10 100-6 190-10 288H250c2-100 14-190 4-288z", "url(#body)")
	c.twice("M230 250c40-90 300-90 340 0 24 60-10 112-60 130-90 26-150 24-220 0-52-20-84-72-60-130z", "url(#body)")
	c.path("M290 262c50-44 170-44 220 0-40 34-170 36-220 0z", c.main.darker(0.4).String(), "")
}

func towel(c *canvas) {
	c.stand(440, 664)
	for i, y := range []float64{560, 460, 360} {
		c.rect(190+float64(i)*8, y, 420-float64(i)*16, 100, 44, c.main.mix(0xffffff, float64(i)*0.22).String())
		c.path(fmt.Sprintf("M%g %gh80v96h-80z", 380.0+float64(i)*10, y+2), "url(#ornament)", "")
		c.line(fmt.Sprintf("M%g %gh%g", 214+float64(i)*8, y+50, 372-float64(i)*16), c.main.darker(0.2), 3)
	}
}

func basket(c *canvas) {
	c.stand(440, 664)
	c.line("M236 330C236 120 564 120 564 330", c.main.darker(0.3), 26)
	d := "M180 320h440l-50 310q-6 32-40 32H270q-34 0-40-32z"
	c.path(d, "url(#body)", "")
	for y := 346.0; y < 650; y += 32 {
		inset := (y - 320) * 0.16
		for x, n := 190+inset, 0; x < 590-inset; x, n = x+36, n+1 {
			c.rect(x, y+float64(n%2)*10, 30, 16, 8, c.main.lighter(0.3-0.25*float64(n%2)).String())
		}
	}
	c.rect(168, 304, 464, 36, 18, c.main.darker(0.2).String())
}

func bag(c *canvas) {
	c.stand(440, 664)
	c.line("M290 330C290 130 510 130 510 330", c.main.darker(0.35), 20)
	c.twice("M200 320h400l30 300q4 42-40 42H210q-44 0-40-42z", "url(#body)")
	c.path("M200 320h400l10 100q-210 90-420 0z", c.main.darker(0.18).String(), "")
	c.rect(372, 430, 56, 64, 12, "url(#brass)")
	c.b.WriteString(stitches("M212 340h376l8 74q-196 78-392 0z", c.main.lighter(0.5)))
}

func notebook(c *canvas) {
	c.stand(380, 668)
	c.rect(262, 182, 316, 470, 14, "url(#cream)")
	c.rect(240, 170, 320, 480, 18, "url(#body)")
	c.rect(240, 170, 320, 480, 18, "url(#ornament)")
	c.rect(240, 170, 52, 480, 18, c.main.darker(0.28).String())
	c.rect(500, 170, 22, 480, 0, c.main.darker(0.4).String())
	c.path(star(400, 400, 60), c.ink2().String(), "")
	c.path("M430 650h30v70l-15-14-15 14z", brass.String(), "")
}

func wallet(c *canvas) {
	c.stand(440, 664)
	c.rect(190, 330, 420, 310, 30, "url(#body)")
	c.rect(190, 330, 420, 310, 30, "url(#ornament)")
	c.path("M190 360q0-30 30-30h360q30 0 30 30v110H190z", c.main.darker(0.16).String(), "")
	c.b.WriteString(stitches("M210 350h380v102H210z", c.main.lighter(0.5)))
	c.rect(540, 430, 90, 84, 26, c.main.darker(0.3).String())
	c.ellipse(576, 472, 16, 16, "url(#brass)")
}

func lineTo(x1, y1, x2, y2 float64) string { return fmt.Sprintf("M%g %gL%g %g", x1, y1, x2, y2) }

func frame(x, y, w, h float64, colour rgb, width float64) string {
	return fmt.Sprintf(`<rect x="%g" y="%g" width="%g" height="%g" fill="none" stroke="%s" stroke-width="%g"/>`, x, y, w, h, colour, width)
}

func stitches(d string, colour rgb) string {
	return fmt.Sprintf(`<path d="%s" fill="none" stroke="%s" stroke-width="4" stroke-dasharray="14 10"/>`, d, colour)
}
