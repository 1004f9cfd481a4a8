package main

import (
	"fmt"
	"strconv"
	"strings"
)

// caseDoc is one planted case, as the README tells it.
type caseDoc struct {
	no    int
	title string
	text  []string
	lines []*planted
	claim int // claims so far
}

// claim is a planted settlement with its lines.
type claim struct {
	w       *world
	doc     *caseDoc
	v       row
	inst    string
	day     string
	lineIn  int // month the lines are delivered with
	total   int
	planted []*planted
}

// planted is one planted line and what the audit should say of it after each month is closed.
type planted struct {
	claim *claim
	v     row
	fund  string    // "" is the whole settlement's
	say   [3]string // verdict and rule after months 1 to 3, "" while unknown
}

// begin opens a case; claims planted from here on belong to it.
func (w *world) begin(no int, title string, text ...string) {
	w.cases = append(w.cases, &caseDoc{no: no, title: title, text: text})
}

// plant makes a settlement of a day (setl_time 11:30), delivered with its own month.
func (w *world) plant(inst, day string) *claim {
	return w.plantIn(inst, day, monthOf(day), monthOf(day))
}

// plantIn delivers the settlement and its lines with other months than their own.
func (w *world) plantIn(inst, day string, setlIn, lineIn int) *claim {
	doc := w.cases[len(w.cases)-1]
	doc.claim++
	id := fmt.Sprintf("%s%s9000%02d%02d", region, day[:4]+day[5:7], doc.no, doc.claim)
	c := &claim{w: w, doc: doc, inst: inst, day: day, lineIn: lineIn}
	c.v = w.settlement(id, inst, day, 600+doc.no)
	w.add(setlIn, "settlement", c.v, "")
	return c
}

// set lays changes over the settlement, after its money was computed.
func (c *claim) set(changes row) *claim {
	for k, v := range changes {
		c.v[k] = v
	}
	return c
}

// line adds a line of 100.00 yuan by one practitioner ("" for none); the fund pays 80 %.
func (c *claim) line(dr string, changes ...row) *planted { return c.lineOf(10000, dr, changes...) }

// lineOf adds a line of any amount; the settlement's money follows.
func (c *claim) lineOf(cents int, dr string, changes ...row) *planted {
	it := item{code: "001102000010000", name: "样例诊疗项目", kind: "05", cents: cents}
	l := c.w.line(c.v, c.day, len(c.planted)+1, it, 1)
	l["inscp_scp_amt"] = yuan(cents)
	setDoctors(l, dr, dr)
	for _, ch := range changes {
		for k, v := range ch {
			l[k] = v
		}
	}
	c.total += cents
	setMoney(c.v, c.total, c.total*80/100)
	c.w.add(c.lineIn, "fee_line", l, "")
	p := &planted{claim: c, v: l}
	c.planted = append(c.planted, p)
	c.doc.lines = append(c.doc.lines, p)
	return p
}

// says notes the expected verdict after the month of delivery and after the
// later ones; the last one given stands for the rest.
func (p *planted) says(verdicts ...string) *planted {
	p.expect(max(monthOf(p.claim.day), p.claim.lineIn), verdicts...)
	return p
}

func (p *planted) expect(from int, verdicts ...string) {
	for i := from; i < len(p.say); i++ {
		p.say[i] = verdicts[min(i-from, len(verdicts)-1)]
	}
}

// share notes the line's fund amount where the settlement has several lines.
func (p *planted) share(yuan string) *planted { p.fund = yuan; return p }

// one plants a settlement of a single line, the usual case.
func (w *world) one(inst, day, dr string, changes ...row) *planted {
	return w.plant(inst, day).line(dr, changes...)
}

// day puts a line's service on another day than the settlement.
func day(d string) row { return row{"fee_ocur_time": d + " 08:40:00"} }

// again delivers the settlement once more in a month, changed, as a correction.
func (c *claim) again(month int, changes row) {
	c.w.add(month, "settlement", c.v.with(changes), "corrected")
}

// refund delivers the reversal row of a settlement (negative amounts, its own
// id) and, if flagged, the original again with its refund flag.
func (c *claim) refund(month int, on string, flagged bool) string {
	rev := c.v.with(row{"setl_id": c.v["setl_id"][:12] + "95" + c.v["setl_id"][14:], "init_setl_id": c.v["setl_id"],
		"refd_setl_flag": "1", "setl_time": on + " 09:05:00", "updt_time": on + " 09:05:00"})
	for k, v := range rev {
		if (strings.HasSuffix(k, "_pay") || strings.HasSuffix(k, "amt")) && v != "0.00" {
			rev[k] = "-" + v
		}
	}
	c.w.add(month, "settlement", rev, "corrected")
	if flagged {
		c.again(month, row{"refd_setl_flag": "1", "updt_time": on + " 09:05:00"})
	}
	return rev["setl_id"]
}

// review delivers a person's decision on a planted line ("" line for the whole settlement).
func (w *world) review(month int, p *planted, decision, on string, changes row) {
	n := len(w.months[month]["review"]) + 1
	w.add(month, "review", row{"review_no": fmt.Sprintf("R2025%02d%04d", month+3, n), "decision": decision,
		"setl_id": p.v["setl_id"], "feedetl_sn": p.v["feedetl_sn"], "decided_on": on, "decided_by": "样例复核员",
		"reason": "样例理由:见案卷"}.with(changes), "")
}

// cents of a canonical amount; ok is false if it cannot be read.
func cents(s string) (int64, bool) {
	digits := strings.TrimPrefix(s, "-")
	whole, frac, _ := strings.Cut(digits, ".")
	if whole == "" || len(frac) > 2 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(frac + "00")[:2], 10, 64)
	if err != nil {
		return 0, false
	}
	if strings.HasPrefix(s, "-") {
		n = -n
	}
	return n, true
}
