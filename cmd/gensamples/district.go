package main

import (
	"fmt"
	"strconv"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Sizes of the made-up district of a load test.
const (
	loadHospitals  = 250
	loadPharmacies = 350
	loadDoctors    = 17300
	loadDrugs      = 7000
	loadServices   = 1000
	pickSize       = 4096 // entries of the table that picks an institution by its weight
)

// doctor is a practitioner of the load test; text is ready for the fee_line file.
type doctor struct {
	code   string
	name   string // UTF-8
	text   []byte // code,name in the file's encoding
	status string
	begin  string
	noProm bool // service commitment missing
}

// place is an institution of the load test.
type place struct {
	code, name string
	pharmacy   bool
	uploads    bool // uploads its sales
	staff      []*doctor
}

// district is everything the makers share; nobody changes it once it is made.
type district struct {
	opt        options
	month      string // yyyymm
	days       []string
	drugs      []loadItem
	services   []loadItem
	places     []*place
	hospitals  [pickSize]*place
	pharmacies [pickSize]*place
}

// loadItem is a catalogue entry; name is in the fee_line file's encoding.
type loadItem struct {
	code, kind string
	name       []byte
	id, cents  int
	nego       bool
}

// beforeMonth is how many days before the month d.days begins: stays began then.
const beforeMonth = 20

func newDistrict(opt options) (*district, error) {
	d := &district{opt: opt, month: opt.month.First().Format("200601")}
	for t := opt.month.First().AddDate(0, 0, -beforeMonth); !t.After(opt.month.Last()); t = t.AddDate(0, 0, 1) {
		d.days = append(d.days, t.Format(time.DateOnly))
	}
	encode := func(s string) ([]byte, error) { return []byte(s), nil }
	if opt.encoding == "gb18030" {
		enc := simplifiedchinese.GB18030.NewEncoder()
		encode = func(s string) ([]byte, error) { return enc.Bytes([]byte(s)) }
	}
	r := &random{opt.seed}
	if err := d.makeItems(r, encode); err != nil {
		return nil, err
	}
	return d, d.makePlaces(r, encode)
}

func (d *district) makeItems(r *random, encode func(string) ([]byte, error)) error {
	names := []string{"阿莫西林胶囊", "盐酸二甲双胍缓释片", "苯磺酸氨氯地平片", "阿托伐他汀钙片", "注射用头孢曲松钠", "奥美拉唑肠溶胶囊", "硝苯地平控释片", "氯化钠注射液"}
	tests := []string{"彩色多普勒超声检查", "血细胞分析", "肝功能检查", "静脉输液", "普通针刺", "二级护理", "床位费", "电解质测定"}
	kinds := []string{"03", "04", "04", "05", "05", "07", "01", "04"}
	for i := range loadDrugs + loadServices {
		it := loadItem{id: i, cents: r.between(80, 12000), nego: r.chance(30)}
		var name string
		switch {
		case i%5 == 4 && i < loadDrugs:
			it.code, it.kind = fmt.Sprintf("ZA%02dAAA%04d0101%05d", i%16+1, i%10000, i), "11"
			name = fmt.Sprintf("复方样例颗粒(%d克×%d袋)样例药业%s", i%9+1, i%12+3, numeral(i))
		case i < loadDrugs:
			it.code, it.kind = fmt.Sprintf("X%c%02dAB%c%03dA0020101%05d", 'A'+i%20, i%16+1, 'A'+i%7, i%1000, i), "09"
			name = fmt.Sprintf("%s(0.%d克×%d片)样例制药%s", names[i%len(names)], i%50+5, i%30+6, numeral(i))
		default:
			it.code, it.kind, it.nego = fmt.Sprintf("%015d", 1100000000+i*100), kinds[i%len(kinds)], false
			name = tests[i%len(tests)] + "样例" + numeral(i)
		}
		var err error
		if it.name, err = encode(name); err != nil {
			return cannotWrite(name, err)
		}
		if it.kind == "09" || it.kind == "11" {
			d.drugs = append(d.drugs, it)
		} else {
			d.services = append(d.services, it)
		}
	}
	return nil
}

// makePlaces makes institutions whose business falls with their number, and
// staffs them in proportion. About 6 in 1000 doctors are blocked, some only from a day of the
// month, which withholds about 0.5 % of the lines.
func (d *district) makePlaces(r *random, encode func(string) ([]byte, error)) error {
	for i := range loadHospitals + loadPharmacies {
		p := &place{code: hospital(i + 1), name: "样例医院" + numeral(i+1), uploads: i%10 == 0}
		if i >= loadHospitals {
			p = &place{code: pharmacy(i - loadHospitals + 1), name: "样例药房" + numeral(i-loadHospitals+1), pharmacy: true, uploads: i%10 == 0}
		}
		d.places = append(d.places, p)
	}
	share(d.hospitals[:], d.places[:loadHospitals], 30)
	share(d.pharmacies[:], d.places[loadHospitals:], 200)
	n := 0
	add := func(p *place) error {
		n++
		doc := &doctor{code: pracCode(n), name: surnames[n%len(surnames)] + "样例" + numeral(n), status: "normal"}
		switch {
		case r.chance(5):
			doc.status, doc.begin = "suspended", d.days[r.intn(len(d.days))]
		case r.chance(1):
			doc.status, doc.begin = "terminated", d.days[0]
		case r.chance(2):
			doc.noProm = true
		}
		name, err := encode(doc.name)
		if err != nil {
			return cannotWrite(doc.name, err)
		}
		doc.text = append(append([]byte(doc.code), ','), name...)
		p.staff = append(p.staff, doc)
		return nil
	}
	for i := range pickSize {
		p := d.hospitals[i]
		for range (i+1)*loadDoctors/pickSize - i*loadDoctors/pickSize {
			if err := add(p); err != nil {
				return err
			}
		}
	}
	for _, p := range d.places[loadHospitals:] {
		for range 2 {
			if err := add(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// share fills the picking table: place i has weight 1/(i+flat), at least one entry each.
func share(table []*place, places []*place, flat int) {
	total := 0.0
	for i := range places {
		total += 1 / float64(i+flat)
	}
	at := 0
	for i, p := range places {
		n := max(1, int(float64(len(table))/float64(i+flat)/total))
		for ; n > 0 && at < len(table)-(len(places)-1-i); n-- {
			table[at] = p
			at++
		}
	}
	for k := 0; at < len(table); k++ {
		table[at] = places[k]
		at++
	}
}

// statusRows are one snapshot on the first of the month, columns as in the feed.
func (d *district) statusRows() [][]string {
	var out [][]string
	first := d.days[beforeMonth]
	for _, p := range d.places {
		kind := "1"
		if p.pharmacy {
			kind = "3"
		}
		for i, doc := range p.staff {
			promise := "1"
			if doc.noProm {
				promise = "0"
			}
			cert := fmt.Sprintf("99999919%02d0101%s", i%100, doc.code[len(doc.code)-4:])
			out = append(out, []string{first, doc.code, p.code, doc.status, doc.name, cert, kind, doc.begin, "", promise, "2023-06-01"})
		}
	}
	return out
}

func (d *district) institutionRows() [][]string {
	var out [][]string
	for i, p := range d.places {
		r := []string{p.code, p.name, "1", "2023-01-01", "public", "0" + strconv.Itoa(i%8+2), "", "active", "", ""}
		if p.pharmacy {
			r[2], r[4], r[5], r[6] = "2", "private", "", p.staff[0].code
		}
		out = append(out, r)
	}
	return out
}
