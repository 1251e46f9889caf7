package demo

import "fmt"

// kinds are what can be drawn.
var kinds = map[string]func(*canvas){
	"lantern": lantern, "pendant": pendant, "candle": candle, "tray": tray,
	"mug": mug, "bowl": bowl, "plate": plate, "vase": vase, "tajine": tajine, "mortar": mortar,
	"teapot": teapot, "glass": glass, "tin": tin, "pouch": pouch, "jar": jar, "bottle": bottle, "soap": soap, "brush": brush,
	"board": board, "pot": pot, "rug": rug, "cushion": cushion, "scarf": scarf, "towel": towel,
	"basket": basket, "bag": bag, "notebook": notebook, "wallet": wallet,
}

func lantern(c *canvas) {
	c.stand(300, 664)
	c.ellipse(400, 430, 250, 270, "url(#glow)")
	c.line("M400 120c-34 0-44 40-26 62m26-62c34 0 44 40 26 62", brass.darker(0.2), 12)
	c.path("M400 172 520 300H280z", "url(#body)", "")
	c.rect(270, 296, 260, 26, 10, "url(#brass)")
	c.path("M290 322h220l-16 280H306z", "#ffe9b0", `opacity=".9"`)
	c.path("M290 322h220l-16 280H306z", "url(#ornament)", `opacity=".55"`)
	c.path("M400 400c26 34 36 56 36 84a36 36 0 0 1-72 0c0-28 10-50 36-84z", "#ff9d2e", "")
	c.path("M400 440c14 20 20 32 20 48a20 20 0 0 1-40 0c0-16 6-28 20-48z", "#fff0b8", "")
	c.rect(372, 516, 56, 84, 6, "url(#cream)")
	for _, x := range []float64{290, 360, 426, 496} {
		c.line(lineTo(x, 322, 400+(x-400)*0.86, 602), c.main.darker(0.25), 14)
	}
	c.path("M290 596h220l26 62H264z", "url(#body)", "")
	c.rect(252, 650, 296, 20, 10, "url(#brass)")
}

func pendant(c *canvas) {
	c.line("M400 0V210", ink, 8)
	c.ellipse(400, 560, 300, 130, "url(#glow)")
	c.rect(372, 200, 56, 56, 12, "url(#brass)")
	c.twice("M400 246c140 0 214 110 222 244H178c8-134 82-244 222-244z", "url(#body)")
	c.ellipse(400, 490, 222, 38, c.main.darker(0.45).String())
	c.ellipse(400, 494, 196, 28, "#ffe39a")
	c.ellipse(400, 492, 60, 16, "#fffbe8")
}

func candle(c *canvas) {
	c.stand(260, 664)
	c.ellipse(400, 300, 190, 190, "url(#glow)")
	c.twice("M270 400h260v236q0 26-26 26H296q-26 0-26-26z", "url(#body)")
	c.ellipse(400, 400, 130, 30, c.main.darker(0.4).String())
	c.ellipse(400, 404, 112, 22, "url(#cream)")
	c.line("M400 402v-44", ink, 6)
	c.path("M400 232c30 42 42 66 42 92a42 42 0 0 1-84 0c0-26 12-50 42-92z", "#ffa133", "")
	c.path("M400 282c15 22 22 36 22 50a22 22 0 0 1-44 0c0-14 7-28 22-50z", "#fff3c0", "")
	c.label(330, 470, 140, 140)
}

func tray(c *canvas) {
	c.stand(460, 668)
	c.ellipse(400, 420, 250, 250, "url(#body)")
	c.ellipse(400, 420, 226, 226, c.main.darker(0.18).String())
	c.ellipse(400, 420, 210, 210, "url(#body)")
	c.ellipse(400, 420, 210, 210, "url(#ornament)")
	c.path(star(400, 420, 120), c.main.String(), "")
	c.path(star(400, 420, 96), c.ink2().String(), "")
	c.path(star(400, 420, 52), c.main.String(), "")
}

func mug(c *canvas) {
	c.stand(320, 664)
	c.line("M540 420c110-20 120 150-10 150", c.main.darker(0.2), 38)
	c.twice("M250 340h300v230q0 92-92 92H342q-92 0-92-92z", "url(#body)")
	c.ellipse(400, 340, 150, 34, c.main.lighter(0.25).String())
	c.ellipse(400, 344, 130, 24, "#4a2c1c")
	c.line("M352 270c-22-26 22-42 0-74m66 74c-22-26 22-42 0-74", 0xffffff, 8)
}

func bowl(c *canvas) {
	c.stand(420, 664)
	c.rect(330, 624, 140, 36, 12, c.main.darker(0.3).String())
	c.twice("M170 400h460c0 150-100 236-230 236S170 550 170 400z", "url(#body)")
	c.ellipse(400, 400, 230, 54, c.main.lighter(0.3).String())
	c.ellipse(400, 406, 208, 42, c.main.darker(0.3).String())
}

func plate(c *canvas) {
	c.stand(460, 668)
	c.ellipse(400, 410, 262, 262, "url(#body)")
	c.ellipse(400, 410, 262, 262, "url(#ornament)")
	c.ellipse(400, 410, 176, 176, c.main.darker(0.12).String())
	c.ellipse(400, 410, 166, 166, c.main.lighter(0.2).String())
	c.path(star(400, 410, 88), c.ink2().String(), `opacity=".8"`)
}

func vase(c *canvas) {
	c.stand(280, 664)
	stem := rgb(0x5d7a4a)
	c.line("M404 250C398 180 372 140 340 96m66 152c2-90 20-130 40-172m-36 170c20-60 60-80 96-110", stem, 7)
	for _, p := range [][2]float64{{340, 96}, {446, 78}, {506, 136}} {
		c.path(star(p[0], p[1], 34), "#f0d9a6", "")
		c.ellipse(p[0], p[1], 9, 9, brass.String())
	}
	c.twice("M350 236h104c-6 70 20 104 66 160 60 74 30 264-66 266H346c-96-2-126-192-66-266 46-56 76-90 70-160z", "url(#body)")
	c.ellipse(402, 238, 52, 14, c.main.darker(0.4).String())
}

func tajine(c *canvas) {
	c.stand(460, 664)
	c.ellipse(400, 176, 34, 30, "url(#clay)")
	c.twice("M384 196h32c30 150 90 250 214 330H170C294 446 354 346 384 196z", "url(#body)")
	c.rect(150, 520, 500, 34, 16, c.main.darker(0.2).String())
	c.path("M166 552h468c-16 70-60 106-120 106H286c-60 0-104-36-120-106z", "url(#clay)", "")
}

func mortar(c *canvas) {
	c.stand(340, 664)
	c.path("M540 170q34-30 58 0 10 24-14 46L430 430l-48-40z", "url(#wood)", "")
	c.twice("M220 380h360c0 130-50 196-110 220h-140c-60-24-110-90-110-220z", "url(#body)")
	c.ellipse(400, 380, 180, 44, c.main.lighter(0.2).String())
	c.ellipse(400, 384, 156, 32, c.main.darker(0.45).String())
	c.path("M320 594h160l30 66H290z", "url(#body)", "")
}

func teapot(c *canvas) {
	c.stand(420, 664)
	c.line("M300 330C300 190 500 190 500 330", ink.lighter(0.1), 20)
	c.path("M570 420c60-10 70-70 116-98l22 34c-44 40-36 130-132 158z", "url(#body)", "")
	c.twice("M400 330c130 0 196 80 196 170 0 100-80 160-196 160s-196-60-196-160c0-90 66-170 196-170z", "url(#body)")
	c.path("M300 346c10-40 50-58 100-58s90 18 100 58c-40 18-160 18-200 0z", c.main.darker(0.2).String(), "")
	c.ellipse(400, 276, 26, 22, "url(#brass)")
	c.rect(300, 648, 200, 16, 8, c.main.darker(0.35).String())
}

func glass(c *canvas) {
	for _, x := range []float64{-120, 120} {
		aside := fmt.Sprintf(`transform="translate(%g)"`, x)
		c.ellipse(400+x, 664, 110, 20, "url(#shadow)")
		c.path("M312 330h176c-8 90-34 110-34 160s20 90 14 160H332c-6-70 14-110 14-160s-26-70-34-160z", "url(#glass)", aside+` opacity=".75"`)
		c.path("M318 400h164c-8 40-28 60-28 96s20 84 14 144H332c-6-60 14-108 14-144s-20-56-28-96z", c.main.String(), aside+` opacity=".8"`)
		c.path("M312 330h176l-5 46H317z", "url(#brass)", aside)
		c.path(star(400, 560, 40), brass.lighter(0.35).String(), aside)
	}
	c.path("M496 318c-14-60 30-90 60-86-2 44-20 72-60 86z", "#6f9a4d", "")
	c.path("M520 322c10-50 56-60 80-44-14 36-44 50-80 44z", "#86b05e", "")
}
