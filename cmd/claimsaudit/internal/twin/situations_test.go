package twin

import (
	"slices"
	"strings"
	"testing"
)

// TestWorldsMeetEverySituationOfThePointsRecord: what the generator never makes, it never tests.
func TestWorldsMeetEverySituationOfThePointsRecord(t *testing.T) {
	seen := map[string]int{}
	for seed := range int64(200) {
		w := NewWorld()
		batches := Generate(seed, 15)
		for _, b := range batches {
			for _, f := range b.Files {
				w.Deliver(f)
			}
		}
		asOf := batches[len(batches)-1].AsOf
		countDecisions(w, seen)
		countClaims(w, asOf, seen)
		for who, d := range w.dossiers(MustDay(asOf)) {
			countBlocks(d, seen)
			countRepairs(w, who, d, seen)
			countRestorations(w, who, d, seen)
		}
	}
	for _, want := range situations {
		if seen[want] < 3 {
			t.Errorf("%s: %d times", want, seen[want])
		}
	}
	t.Log(seen)
}

var situations = []string{
	"29 final", "30 final", "31 final", "32 final", "29 proposed", "30 proposed", "31 proposed", "32 proposed", "29 revoked", "30 revoked",
	"31 revoked", "32 revoked", "inspection: highest", "inspection: tie", "act: highest", "act: tie", "inspection and act", "after as-of",
	"unknown to the registry",
	"several on a day", "largest is not the last", "equally large with other starts", "starts late", "starts before it was decided",
	"one day extends another", "termination over suspension", "across the new year", "decided before and begun after the new year",
	"cleared on 1 January", "cleared at the end: new year", "cleared at the end: 12 or more", "points while the total waits", "cleared the day of a repair",
	"points taken", "points capped", "points stop at zero", "repair before anything", "study when terminated", "on-site too short", "repair after as-of",
	"months taken", "months capped", "cut by the month's floor", "cut by its own day", "shortened across the new year",
	"restored on its day", "restored at the end", "not approved", "not decided", "commitment missing", "commitment given", "nothing to restore", "restoration after as-of",
	"409", "409 not: the registry knows", "409 not: unknown person", "409 not: before 2025-03-01", "409 not: the block is over", "409 not: not begun", "409 under another rule",
	"409 of an alias", "409 upheld", "409 released",
}

func countDecisions(w *World, seen map[string]int) {
	all := w.sorted("points_decision")
	for i, a := range all {
		seen[a["article"]+" "+a["state"]]++
		if len(w.rows["practitioner_status"]) > 0 && !w.registry().known(a["prac_psn_code"]) {
			seen["unknown to the registry"]++
		}
		for _, b := range all[:i] {
			if a["prac_psn_code"] != b["prac_psn_code"] || a["state"] != "final" || b["state"] != "final" {
				continue
			}
			word := "highest"
			if a["points"] == b["points"] {
				word = "tie"
			}
			inspection := a.has("inspection_no") && a["inspection_no"] == b["inspection_no"] && a["article"] == b["article"] && a["item"] == b["item"]
			act := a.has("act_no") && a["act_no"] == b["act_no"]
			if inspection {
				seen["inspection: "+word]++
			}
			if act {
				seen["act: "+word]++
			}
			if sameDay := a["decided_on"] == b["decided_on"]; sameDay && word == "tie" && a["effective_on"] != b["effective_on"] && !inspection && !act {
				seen["equally large with other starts"]++
			} else if sameDay && word != "tie" && b.number("points") > a.number("points") { // b has the smaller number
				seen["largest is not the last"]++
			}
			if inspection && act {
				seen["inspection and act"]++
			}
		}
	}
}

func countBlocks(d *dossier, seen map[string]int) {
	waits := false
	for i, e := range d.events {
		on := MustDay(e.On)
		switch e.Event {
		case "points":
			if i+1 < len(d.events) && d.events[i+1].Event == "points" && d.events[i+1].On == e.On {
				seen["several on a day"]++
			}
			if waits {
				seen["points while the total waits"]++
			}
		case "clear":
			switch {
			case strings.HasSuffix(e.On, "-01-01"):
				seen["cleared on 1 January"]++
			case waits:
				seen["cleared at the end: new year"]++
			default:
				seen["cleared at the end: 12 or more"]++
			}
			if i > 0 && d.events[i-1].Event == "repair" && d.events[i-1].On == e.On {
				seen["cleared the day of a repair"]++
			}
			waits = false
		}
		if i+1 < len(d.events) && d.events[i+1].On[:4] != e.On[:4] && d.events[i+1].TotalAfter > 0 {
			waits = d.blocked(MustDay(d.events[i+1].On[:4] + "-01-01"))
		}
		_ = on
	}
	for i, p := range d.penalties {
		newYear := MustDay(p.decided.String()[:4]+"-12-31") + 1
		if p.decided < newYear && p.from < newYear && newYear < p.to && newYear <= d.asOf {
			seen["across the new year"]++
		}
		if p.decided < newYear && newYear < p.from && newYear <= d.asOf {
			seen["decided before and begun after the new year"]++
		}
		if p.from > p.decided {
			seen["starts late"]++
		}
		if p.from < p.decided {
			seen["starts before it was decided"]++
		}
		for _, q := range d.penalties[:i] {
			if q.from < p.to && p.from < q.to {
				if p.to == q.to {
					seen["one day extends another"]++
				}
				if p.terminates && !q.terminates {
					seen["termination over suspension"]++
				}
			}
		}
	}
}

func countRepairs(w *World, who string, d *dossier, seen map[string]int) {
	for _, r := range w.sorted("repair") {
		if r["prac_psn_code"] != who {
			continue
		}
		on := r.day("done_on")
		at := slices.IndexFunc(d.events, func(e PointsEvent) bool { return e.Event == "repair" && e.Ref == r["repair_no"] })
		before := slices.IndexFunc(d.events, func(e PointsEvent) bool { return MustDay(e.On) <= on })
		switch {
		case on > d.asOf:
			seen["repair after as-of"]++
			continue
		case before < 0:
			seen["repair before anything"]++
			continue
		case r["kind"] == "on_site" && r.number("working_days") < 5:
			seen["on-site too short"]++
			continue
		case r["kind"] == "study" && slices.ContainsFunc(d.penalties, func(p *penalty) bool { return p.terminates && p.runs(on) }):
			seen["study when terminated"]++
			continue
		}
		asked := map[string]int64{"study": r.number("points_off"), "publicity": 1, "on_site": 3}[r["kind"]]
		taken, total, measure := int64(0), int64(-1), ""
		if at >= 0 {
			taken, total, measure = -d.events[at].Points, d.events[at].TotalAfter, d.events[at].Measure
		}
		switch {
		case taken > 0 && total == 0 && taken < asked:
			seen["points stop at zero"]++
		case taken < asked && total > 0:
			seen["points capped"]++
		case taken > 0:
			seen["points taken"]++
		}
		if measure == "" {
			continue
		}
		seen["months taken"]++
		from, to := MustDay(d.events[at].BlockFrom), MustDay(d.events[at].BlockTo)
		if to == from.plusMonths(1) && r.number("months_off") > 1 {
			seen["cut by the month's floor"]++
		}
		if to == on {
			seen["cut by its own day"]++
		}
		if r.number("months_off") > 3 {
			seen["months capped"]++
		}
		if from.String()[:4] != on.String()[:4] {
			seen["shortened across the new year"]++
		}
	}
}

func countRestorations(w *World, who string, d *dossier, seen map[string]int) {
	for _, r := range w.sorted("restoration") {
		if r["prac_psn_code"] != who {
			continue
		}
		on := restorationDay(r)
		at := slices.IndexFunc(d.events, func(e PointsEvent) bool { return e.Event == "restore" && e.Ref == r["restoration_no"] })
		terminated := slices.ContainsFunc(d.penalties, func(p *penalty) bool { return p.terminates && p.to <= on })
		switch {
		case at >= 0 && terminated:
			seen["commitment given"]++
		case at >= 0 && d.events[at].On == on.String():
			seen["restored on its day"]++
		case at >= 0:
			seen["restored at the end"]++
		case r["approved"] == "0":
			seen["not approved"]++
		case r["approved"] != "1":
			seen["not decided"]++
		case on > d.asOf || r.day("decided_on") > d.asOf || r.day("applied_on") > d.asOf:
			seen["restoration after as-of"]++
		case terminated && r["new_commitment"] != "1":
			seen["commitment missing"]++
		case !d.blocked(on):
			seen["nothing to restore"]++
		}
	}
}

func countClaims(w *World, asOf string, seen map[string]int) {
	c := w.court(asOf)
	for _, r := range w.sorted("points_decision") {
		if r["state"] == "final" && r.day("decided_on") > c.asOf {
			seen["after as-of"]++
		}
	}
	for _, s := range c.settlements {
		if !effectiveSettlement(s) {
			continue
		}
		for _, l := range c.lines[s["setl_id"]] {
			decision, day := c.decision(s["setl_id"], l["feedetl_sn"]), l.day("fee_ocur_time")
			bilg, orders := c.personsOf(s, l, decision)
			verdict, findings := c.judge(s, l)
			fires := slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == 409 })
			if fires {
				seen["409"]++
				if verdict.Rule != 409 && verdict.Rule != 0 {
					seen["409 under another rule"]++
				}
				if verdict.Rule == 409 && decision["decision"] == "uphold" {
					seen["409 upheld"]++
				}
				if decision["decision"] == "release" {
					seen["409 released"]++
				}
				if bilg != l["bilg_dr_codg"] && decision["decision"] != "correct_practitioner" {
					seen["409 of an alias"]++
				}
			}
			for _, who := range []string{bilg, orders} {
				d := c.dossiers[who]
				switch {
				case d == nil || len(d.penalties) == 0 || fires:
				case day < inForce && d.blocked(day):
					seen["409 not: before 2025-03-01"]++
				case day < inForce:
				case !c.registry.known(who) && d.blocked(day):
					seen["409 not: unknown person"]++
				case d.blocked(day):
					seen["409 not: the registry knows"]++
				case slices.ContainsFunc(d.penalties, func(p *penalty) bool { return p.to <= day }):
					seen["409 not: the block is over"]++
				default:
					seen["409 not: not begun"]++
				}
			}
		}
	}
}
