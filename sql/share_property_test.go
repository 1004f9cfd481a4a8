package sqlfiles_test

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"

	"pgregory.net/rapid"
)

// compute runs the named models over tables filled by the test.
func compute(t rapid.TB, db *warehouse.DB, all []sqlfiles.Model, numbers ...string) {
	for _, n := range numbers {
		at := slices.IndexFunc(all, func(m sqlfiles.Model) bool { return number(m) == n })
		if _, err := db.RunModel(context.Background(), all[at], "", "property", noon()); err != nil {
			t.Fatal(err)
		}
	}
}

// shareLine is a fee line as apportioning sees it; scope nil is missing.
type shareLine struct {
	sn    string
	item  int64
	scope *int64
}

// settlementOf draws fund and lines of one settlement: ordinary ones with zero and negative amounts, and huge ones
// whose products need more than 64 bits.
func settlementOf(t *rapid.T, i int) (int64, []shareLine) {
	amount, fund := rapid.Int64Range(-20, 500), rapid.Int64Range(-2000, 100_000)
	if rapid.IntRange(0, 3).Draw(t, fmt.Sprint("huge", i)) == 0 {
		amount, fund = rapid.Int64Range(0, 1e15), rapid.Int64Range(0, 9e17)
	}
	sns := rapid.SliceOfNDistinct(rapid.StringMatching(`[0-9A-Za-z]{1,2}|[一二]`), 1, 6, rapid.ID[string]).Draw(t, fmt.Sprint("sn", i))
	scopes := rapid.SampledFrom([]int{0, 1, 1, 2}).Draw(t, fmt.Sprint("scopes", i)) // never, always, on some lines
	lines := make([]shareLine, len(sns))
	for j, sn := range sns {
		lines[j] = shareLine{sn: sn, item: amount.Draw(t, fmt.Sprint("item", i, sn))}
		if scopes == 1 || scopes == 2 && j > 0 {
			scope := amount.Draw(t, fmt.Sprint("scope", i, sn))
			lines[j].scope = &scope
		}
	}
	return fund.Draw(t, fmt.Sprint("fund", i)), lines
}

// sharesOf apportions by the words of contract section 4, with integers of any size. floors are the exact shares cut down.
func sharesOf(fund int64, lines []shareLine) (shares, floors map[string]int64) {
	weights, sum := make([]int64, len(lines)), int64(0)
	weigh := func(of func(shareLine) int64) {
		sum = 0
		for i, l := range lines {
			weights[i] = of(l)
			sum += weights[i]
		}
	}
	if !slices.ContainsFunc(lines, func(l shareLine) bool { return l.scope == nil }) {
		weigh(func(l shareLine) int64 { return *l.scope })
	}
	if sum <= 0 {
		weigh(func(l shareLine) int64 { return l.item })
	}
	if sum <= 0 {
		weigh(func(shareLine) int64 { return 1 })
	}
	type part struct {
		sn   string
		rest *big.Int
	}
	shares, floors = map[string]int64{}, map[string]int64{}
	var parts []part
	left := fund
	for i, l := range lines {
		product := new(big.Int).Mul(big.NewInt(fund), big.NewInt(weights[i]))
		floor, rest := new(big.Int).DivMod(product, big.NewInt(sum), new(big.Int)) // rest >= 0, so this is the floor
		shares[l.sn], floors[l.sn] = floor.Int64(), floor.Int64()
		left -= floor.Int64()
		parts = append(parts, part{l.sn, rest})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(b.rest.Cmp(a.rest), cmp.Compare(a.sn, b.sn)) })
	for _, p := range parts[:left] {
		shares[p.sn]++
	}
	return shares, floors
}

// TestSharesAreExact: for any amounts the shares are those of exact arithmetic, add up to the settlement, and are its
// exact parts cut down or that and one cent.
func TestSharesAreExact(t *testing.T) {
	db, all := fresh(t), models(t, "30_core", "40_verdict")
	settlementColumns, decisionColumns := columnsOf(t, db, "core.settlement"), columnsOf(t, db, "audit.line_decision")
	lineColumns := columnsOf(t, db, "staging.fee_line")
	rapid.Check(t, func(rt *rapid.T) {
		var settlements, decisions, feeLines [][]any
		want, floors := map[string]int64{}, map[string]int64{}
		funds := map[string]int64{}
		for i := range rapid.IntRange(1, 6).Draw(rt, "settlements") {
			fund, lines := settlementOf(rt, i)
			id := fmt.Sprint("S", i)
			funds[id] = fund
			settlements = append(settlements, place(t, settlementColumns, "setl_id,period,fixmedins_code,fund_cents,is_effective", id, "2025-03", "H1", fund, true))
			decisions = append(decisions, place(t, decisionColumns, "setl_id,feedetl_sn,verdict", id, lines[0].sn, "withhold"))
			shares, floor := sharesOf(fund, lines)
			for _, l := range lines {
				want[id+"/"+l.sn], floors[id+"/"+l.sn] = shares[l.sn], floor[l.sn]
				var scope any
				if l.scope != nil {
					scope = *l.scope
				}
				feeLines = append(feeLines, place(t, lineColumns, "setl_id,feedetl_sn,fee_ocur_time,det_item_fee_sumamt_cents,inscp_scp_amt_cents",
					id, l.sn, "2025-03-10 10:00:00", l.item, scope))
			}
		}
		for table, rows := range map[string][][]any{"core.settlement": settlements, "audit.line_decision": decisions, "staging.fee_line": feeLines} {
			if err := db.ReplaceRows(context.Background(), table, rows); err != nil {
				rt.Fatal(err)
			}
		}
		compute(rt, db, all, "307", "455", "460")
		for _, row := range cells(t, db, "SELECT setl_id, feedetl_sn, fund_cents FROM audit.line_share") {
			key := row[0] + "/" + row[1]
			got, err := strconv.ParseInt(row[2], 10, 64)
			if err != nil || got != want[key] {
				rt.Errorf("%s: %s, want %d", key, row[2], want[key])
			}
			if got != floors[key] && got != floors[key]+1 {
				rt.Errorf("%s: %d is neither %d nor one more", key, got, floors[key])
			}
			funds[row[0]] -= got
			delete(want, key)
		}
		for id, left := range funds {
			if left != 0 {
				rt.Errorf("%s: %d cents are not shared", id, left)
			}
		}
		if len(want) > 0 {
			rt.Errorf("lines without a share: %v", want)
		}
	})
}
