package main

import (
	"fmt"
	"strings"
)

const readmeHead = `# samples: three months of made-up deliveries

Written by ` + "`go run ./cmd/gensamples --out samples`" + `; do not edit by hand: a test regenerates the folder and compares every byte. Nothing here is
real: region 999999 of the certificate numbers does not exist and every person is called 样例 (sample).

Each folder of ` + "`inbox/`" + ` is what arrived for one month, delivered at the start of the next one. Taking a file in moves it to the archive, so work on a copy:

` + "```" + `
cp -r samples/inbox/2025-03/. /tmp/inbox && claimsaudit run monthly --period 2025-03 --as-of 2025-04-02 --inbox /tmp/inbox --data /tmp/data
cp -r samples/inbox/2025-04/. /tmp/inbox && claimsaudit run monthly --period 2025-04 --as-of 2025-05-06 --inbox /tmp/inbox --data /tmp/data
cp -r samples/inbox/2025-05/. /tmp/inbox && claimsaudit run monthly --period 2025-05 --as-of 2025-06-03 --inbox /tmp/inbox --data /tmp/data
` + "```" + `

25 medical institutions (H50010500001 to …25), 15 pharmacies (P50010500001 to …15), 300 practitioners and more. Ordinary claims have setl_id
500105yyyymm0…, and all of their lines pay. Planted claims have setl_id 500105yyyymm9000CCNN: case CC, claim NN. H50010500007 to …10 and P50010500013 to …15
have planted claims only; H50010500025 is registered and silent. Practitioners 1 to 60 and the principals 295, 297 and 298 have a story, the rest is ordinary.
S1 to S4 are the snapshots of 2025-03-01, 2025-03-31, 2025-04-30 and 2025-05-31; the first two come with month 1.
` + "`note_to_centre.txt`" + ` is no feed and stays in the inbox; ` + "`no_code_drug_202504_same_bytes.csv`" + ` is March's file again, a recorded no-op. Every .ctl is right.

` + "`expected/`" + ` holds the published tables after each month was closed as above, compared row by row by ` + "`go test ./cmd/claimsaudit -run TestSample`" + `.
Left out are times, run numbers and hashes, settlements paid in full, and ratio windows of earlier months.

`

// readme tells month by month what is planted, where, and what the audit is expected to say.
func (w *world) readme() []byte {
	var b strings.Builder
	b.WriteString(readmeHead)
	w.readmeFiles(&b)
	b.WriteString(`## The planted cases

Verdict and rule are those of the published tables after each month was closed as above; fund is the line's share of the fund amount in yuan (several, if it
changes from month to month); the last column is what the statements (通知单) issue. "–" means not delivered yet.

`)
	for _, c := range w.cases {
		fmt.Fprintf(&b, "### Case %02d: %s\n\n", c.no, c.title)
		for _, t := range c.text {
			fmt.Fprintf(&b, "%s\n", t)
		}
		if len(c.text) > 0 {
			b.WriteString("\n")
		}
		if len(c.lines) == 0 {
			continue
		}
		b.WriteString("| setl_id | feedetl_sn | institution | service day | practitioner | fund | after 2025-03 | after 2025-04 | after 2025-05 | statements |\n|---|---|---|---|---|---|---|---|---|---|\n")
		for _, p := range c.lines {
			p.tableRow(&b)
		}
		b.WriteString("\n")
	}
	return []byte(strings.TrimRight(b.String(), "\n") + "\n")
}

func (w *world) readmeFiles(b *strings.Builder) {
	b.WriteString("## The files\n\n| month | file | rows | form |\n|---|---|---|---|\n")
	for m, p := range months {
		for _, f := range layouts[m] {
			name := f.name
			if f.archive != "" && f.archive != "gz" {
				name = f.archive + " / " + f.name
			}
			fmt.Fprintf(b, "| %s | %s | %d | %s |\n", p, name, len(w.pick(m, f)), f.describe())
		}
	}
	b.WriteString("\n")
}

// describe says in words how a file is dressed.
func (f file) describe() string {
	d := f.dress
	var out []string
	add := func(when bool, what string) {
		if when {
			out = append(out, what)
		}
	}
	add(d.form == "xlsx", "workbook")
	add(d.form == "parquet", "Parquet, typed columns")
	add(d.form == "parquet-text", "Parquet, text columns")
	if d.form == "text" {
		out = append(out, map[byte]string{',': "comma", '\t': "TAB", '|': "bar", '^': "caret"}[d.sep])
		add(d.gb, "GB18030")
		add(d.bom, "UTF-8 with BOM")
		add(!d.gb && !d.bom, "UTF-8")
	}
	add(d.title, "title rows")
	add(d.tabs, "TAB after every name and value")
	add(d.crlf, "CRLF")
	add(d.header == "upper", "upper-case names")
	add(d.header == "camel", "camelCase names")
	add(d.header == "chinese", "Chinese names")
	add(d.reverse, "columns reversed, one unknown")
	add(d.labels, "labels for codes")
	add(d.null != "", "missing written "+d.null)
	add(d.times == "zone", "times end in +08:00")
	add(d.times == "compact", "times yyyyMMddHHmmss")
	add(d.times == "joined", "times without a blank")
	add(d.comma, "thousands separators")
	add(f.archive == "gz", "gzip")
	add(f.control, "with .ctl")
	return strings.Join(out, ", ")
}

func (p *planted) tableRow(b *strings.Builder) {
	persons := strings.TrimSpace(p.v["bilg_dr_codg"])
	if o := strings.TrimSpace(p.v["orders_dr_code"]); o != persons {
		persons += " / " + o
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |", p.v["setl_id"], p.v["feedetl_sn"], p.claim.inst, p.v["fee_ocur_time"][:10], persons,
		strings.Join(p.funds(), "/"))
	for _, s := range p.say {
		if s == "" {
			s = "–"
		}
		fmt.Fprintf(b, " %s |", s)
	}
	fmt.Fprintf(b, " %s |\n", p.statements())
}

// funds are the line's fund amounts after each month; one if they are all the same.
func (p *planted) funds() []string {
	if p.fund == "" {
		return []string{p.claim.v["fund_pay_sumamt"]}
	}
	return strings.Split(p.fund, "/")
}

// statements works out from the verdicts what the statement of each month issues for the line.
func (p *planted) statements() string {
	var out []string
	var standing int64
	funds := p.funds()
	for m := range months {
		var due int64
		if strings.HasPrefix(p.say[m], "withhold") {
			due, _ = cents(funds[min(m, len(funds)-1)])
		}
		kind := "withhold"
		switch {
		case due < standing:
			kind = "release"
		case months[m].String() != p.claim.day[:7]:
			kind = "recover"
		}
		if due != standing {
			out = append(out, fmt.Sprintf("%s %s %s", months[m], kind, yuan(int(due-standing))))
		}
		standing = due
	}
	return strings.Join(out, "; ")
}
