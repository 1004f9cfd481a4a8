package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// Picture is an image within a mail. Name is its file name, ID what the page refers to it by.
type Picture struct {
	Name, ID string
	Content  []byte
}

// The bars of a mail: drawn twice as large as shown, for sharp screens, and without text, so that no font is needed.
const (
	barSteps = 200 // a bar shows half a per cent
	barWide  = 1160
	barHigh  = 16
	barRound = barHigh / 2 // radius of the ends
)

// barTone is a colour that is seen on white and on a dark page alike.
type barTone struct {
	name string
	ink  color.NRGBA
}

var (
	toneWithheld = barTone{"withheld", color.NRGBA{0xC2, 0x4E, 0x45, 0xFF}}
	toneMonth    = barTone{"month", color.NRGBA{0x2E, 0x8A, 0xA0, 0xFF}}
	trackInk     = color.NRGBA{0x80, 0x8C, 0x96, 0x38}
)

// barPicture draws part of whole as a bar on its track. Equal bars are the same picture with the same ID.
func barPicture(tone barTone, part, whole cents) (Picture, error) {
	steps := 0
	if part > 0 && whole > 0 {
		steps = int(min(max(int64(part)*barSteps/int64(whole), 1), barSteps))
	}
	img := image.NewPaletted(image.Rect(0, 0, barWide, barHigh), color.Palette{color.NRGBA{}, trackInk, tone.ink})
	end := barWide * steps / barSteps
	for y := range barHigh {
		for x := range barWide {
			switch {
			case steps > 0 && insideBar(x, y, max(end, barHigh)):
				img.SetColorIndex(x, y, 2)
			case insideBar(x, y, barWide):
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		return Picture{}, noticeFault(err)
	}
	name := fmt.Sprintf("bar-%s-%03d", tone.name, steps)
	return Picture{Name: name + ".png", ID: name + "@claimsaudit.invalid", Content: b.Bytes()}, nil
}

// insideBar reports whether a pixel lies in a bar of a width whose ends are round.
func insideBar(x, y, width int) bool {
	if x >= width {
		return false
	}
	centre := min(max(2*x+1, 2*barRound), 2*(width-barRound)) // in half pixels, as below
	dx, dy := 2*x+1-centre, 2*y+1-2*barRound
	return dx*dx+dy*dy <= 4*barRound*barRound
}
