package twin

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"claimsaudit/pipeline"
)

// gen makes one world. Rows are kept in their plain form and dirtied when a
// file is written, so that a later delivery can change one thing of a row.
type gen struct {
	r       *rand.Rand
	size    int
	insts   []place
	people  []string
	aliases []string
	claims  []*claim
	serial  int
	reviews []map[string]string
	sent    []File
	closed  []pipeline.Period // months with a statement of their own

	scored     bool // the centre keeps points in this world
	scoredFrom Day
	light      bool // few decisions, each of which suspends
	calm       bool // the registry shows hardly anybody as blocked
	decisions  []map[string]string

	score *gen // chance of its own for what only the scorecard looks at
}

// place is an institution with its snapshot plan: dates[i] arrives in batch due[i].
type place struct {
	code, name, kind string
	registered       bool
	dates            []Day
	due              []int
}

// claim is a settlement with its lines as last delivered.
type claim struct {
	head  map[string]string
	lines []map[string]string
	late  bool // lines were delivered, the settlement not yet
}

// Generate makes a small adversarial world of 2 to 6 batches from a seed; size
// is about the number of settlements of a batch. Equal arguments give equal worlds.
func Generate(seed int64, size int) []Batch {
	g := &gen{r: rand.New(rand.NewPCG(uint64(seed), 0x7457)), size: max(size, 1), score: scoreStream(seed)}
	count := g.between(2, 4)
	g.plan(count)
	g.planPoints()
	var batches []Batch
	last, _ := pipeline.ParsePeriod("2025-02")
	asOf := noDay
	for i := range count {
		run, closing := g.run(i, last)
		last = closing
		earliest := MustDay(closing.Last().Format("2006-01-02")) + Day(g.between(1, 9))
		asOf = max(asOf+Day(g.between(0, 3)), earliest)
		batches = append(batches, Batch{Files: g.files(i, closing, asOf), Run: run, AsOf: asOf.String()})
	}
	return g.yearlyClearing(g.muchLater(batches))
}

// run chooses the command of batch i and the newest month that has been closed after it.
func (g *gen) run(i int, last pipeline.Period) (string, pipeline.Period) {
	dice := g.r.IntN(100)
	switch {
	case i == 0 || dice < 60:
		last = last.Add(1)
	case dice < 73: // a month is skipped and closed by its successor
		last = last.Add(2)
	case dice < 85: // a closed month again: issues nothing
		return "monthly " + g.closed[g.r.IntN(len(g.closed))].String(), last
	default:
		return "nightly", last
	}
	g.closed = append(g.closed, last)
	return "monthly " + last.String(), last
}

func (g *gen) between(low, high int) int { return low + g.r.IntN(high-low+1) }

func (g *gen) chance(percent int) bool { return g.r.IntN(100) < percent }

func (g *gen) pick(words ...string) string { return words[g.r.IntN(len(words))] }

func (g *gen) day(from, to string) Day {
	a, b := MustDay(from), MustDay(to)
	return a + Day(g.r.IntN(int(b-a)+1))
}

func (g *gen) next(prefix string) string {
	g.serial++
	return fmt.Sprintf("%s%05d", prefix, g.serial)
}

// plan fixes who exists and when which snapshot is taken and delivered.
func (g *gen) plan(batches int) {
	for i := range g.between(5, 10) {
		g.people = append(g.people, fmt.Sprintf("D500105%06d", i+1))
	}
	g.aliases = []string{"D190", "009999", "LOCAL7", "D500105000002"}
	count := g.between(3, 6)
	for i := range count {
		p := place{kind: "1", registered: true, code: fmt.Sprintf("H500105%05d", i+1)}
		switch {
		case i == 1 || g.chance(25):
			p.kind, p.code = "2", fmt.Sprintf("P500105%05d", i+1)
		case i == count-1 && g.chance(50):
			p.registered, p.code = false, "H51000000001"
		}
		p.name = "样本机构" + p.code[7:]
		if !g.chance(7) { // now and then an institution never delivers a snapshot
			dates := map[Day]bool{}
			for range g.between(2, 4) {
				dates[g.day("2025-01-01", "2025-06-15")] = true
			}
			p.dates = slices.Sorted(maps.Keys(dates))
			for range p.dates {
				p.due = append(p.due, g.r.IntN(batches))
			}
			slices.Sort(p.due)
			p.due[0] = 0
		}
		g.insts = append(g.insts, p)
	}
}

// files writes every delivery of batch i.
func (g *gen) files(i int, closing pipeline.Period, asOf Day) []File {
	rows := map[string][]map[string]string{
		"practitioner_status": g.snapshots(i),
		"institution":         g.institutionRows(i),
		"practitioner_alias":  g.aliasRows(i),
	}
	heads, lines := g.claimRows(i, closing)
	if i == 0 {
		h, l := g.lastYear()
		heads, lines = append(heads, h...), append(lines, l...)
	}
	rows["settlement"], rows["fee_line"] = heads, lines
	rows["price_limit"] = g.priceRows(i)
	rows["review"] = g.reviewRows(i, asOf)
	rows["inventory"] = append(g.inventoryRows(), g.stockRows()...)
	rows["prescription"] = g.prescriptionRows()
	rows["mobile_payment"] = g.mobileRows()
	rows["no_code_drug"] = g.noCodeRows(i)
	rows["points_decision"], rows["repair"], rows["restoration"] = g.pointsRows(i, asOf)

	var files []File
	for _, feed := range slices.Sorted(maps.Keys(rows)) {
		all := g.dirty(feed, rows[feed])
		cut := len(all)
		if len(all) > 40 && g.chance(50) {
			cut = len(all) / 2
		}
		for n, part := range [][]map[string]string{all[:cut], all[cut:]} {
			if len(part) > 0 {
				files = append(files, File{Name: fmt.Sprintf("%s_500105_run%d_%d.csv", feed, i+1, n+1),
					Feed: feed, Rows: g.spoil(feed, part)})
			}
		}
	}
	if len(g.sent) > 0 && g.chance(40) { // the same bytes again under another name
		old := g.sent[g.r.IntN(len(g.sent))]
		old.Name = fmt.Sprintf("%s_500105_run%d_again.csv", old.Feed, i+1)
		files = append(files, old)
	}
	g.sent = append(g.sent, files...)
	return files
}

// spoil adds rows that must be rejected, never more than the gate allows.
func (g *gen) spoil(feed string, rows []map[string]string) []map[string]string {
	if len(rows) < 20 || g.chance(40) {
		return rows
	}
	bad := maps.Clone(rows[g.r.IntN(len(rows))])
	switch feed {
	case "settlement":
		switch g.r.IntN(4) {
		case 0:
			bad["fund_pay_sumamt"] = "12.345"
		case 1:
			bad["psn_no"] = "5.2E+25"
		case 2:
			bad["setl_time"] = "2025/03/04"
		case 3:
			bad["medfee_sumamt"] = "￥100"
		}
	case "fee_line":
		bad[g.pick("det_item_fee_sumamt", "cnt")] = g.pick("1e3", ".5", "１２", "1,00")
	case "practitioner_status":
		bad["status"] = "未知"
	case "inventory":
		bad["inv_data_type"] = "9"
	case "points_decision":
		bad["decision_no"] += "-bad"
		switch g.r.IntN(3) {
		case 0:
			bad["article"], bad["points"] = "30", g.pick("3", "7", "0", "-4")
		case 1:
			bad["article"] = "33"
		case 2:
			bad["state"] = "agreed"
		}
	default:
		return rows
	}
	at := g.r.IntN(len(rows) + 1)
	return slices.Insert(slices.Clone(rows), at, bad)
}
