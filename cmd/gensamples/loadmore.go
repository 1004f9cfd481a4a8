package main

import (
	"fmt"
	"strconv"
)

// settlement writes the settlement row, its mobile payment and its prescription, columns in the order of the feeds.
func (m *maker) settlement(v *visitPlan) {
	fund := v.total * m.between(40, 85) / 100
	main := fund * 9 / 10
	acct := (v.total - fund) / 3
	patient := m.intn(400000)

	b := append(m.c.bufs[settlements], v.id[:]...)
	b = append(append(b, ','), v.visi[:]...)
	b = digits(b, ",99", patient, 18)
	b = append(b, []string{",310,", ",390,"}[patient%2]...)
	b = append(append(append(append(b, v.medType...), ','), v.at.code...), ',')
	b = m.when(b, v.day, v.second)
	b = money(append(b, ','), v.total)
	b = money(append(b, ','), fund)
	b = append(append(b, ','), v.at.name...)
	b = append(append(b, ','), surnames[patient%len(surnames)]...)
	b = digits(b, "样例,99999919010101", patient%10000, 4)
	b = append(append(b, ','), m.d.days[v.day-v.stay]...)
	b = append(append(b, ','), m.d.days[v.day]...)
	b = money(append(b, ','), v.total*95/100)
	b = money(append(b, ','), main)
	b = append(b, ",0.00,0.00,0.00"...)
	b = money(append(b, ','), fund-main)
	b = append(b, ",0.00,0.00"...)
	b = money(append(b, ','), acct)
	b = money(append(b, ','), v.total-fund-acct)
	b = append(b, []string{",01", ",01", ",02", ",03"}[m.intn(4)]...)
	b = append(b, []string{",2", ",2", ",2", ",3", ",1"}[m.intn(5)]...)
	switch {
	case v.at.pharmacy:
		b = append(b, ",41"...)
	case v.stay > 0:
		b = append(b, ",21"...)
	default:
		b = append(b, ",11"...)
	}
	b = m.when(append(b, ",0,,1,"...), v.day, v.second)
	m.c.bufs[settlements] = append(b, '\n')
	m.c.rows[settlements]++
	if m.chance(80) {
		m.payment(v)
	}
	if !v.at.pharmacy && m.chance(15) {
		m.prescription(v)
	}
}

func (m *maker) payment(v *visitPlan) {
	b := append(append(m.c.bufs[payments], "PAY"...), v.id[:]...)
	b = append(append(b, ','), v.id[:]...)
	b = m.when(append(b, ','), v.day, v.second)
	m.c.bufs[payments] = append(b, ',', bit(m.chance(20)), '\n')
	m.c.rows[payments]++
}

func (m *maker) prescription(v *visitPlan) {
	b := append(append(m.c.bufs[prescriptions], "88"...), v.id[:]...)
	b = append(append(b, ','), v.at.code...)
	b = m.when(append(b, ','), v.day, v.second-600)
	b = append(b, ',', bit(m.chance(600)), ',', '1', ',', '1', ',')
	b = append(append(b, v.at.staff[0].code...), ',')
	if m.chance(800) {
		b = append(b, m.d.pharmacies[m.intn(pickSize)].code...)
		b = m.when(append(b, ','), v.day, v.second+1800)
	} else {
		b = append(b, ',')
	}
	m.c.bufs[prescriptions] = append(b, ",\n"...)
	m.c.rows[prescriptions]++
}

// sale uploads a sale, 95 % on the service day and the rest three days later.
func (m *maker) sale(v *visitPlan, it *loadItem, sn, trace []byte, day, second, cnt int) {
	b := append(append(m.c.bufs[inventories], v.at.code...), ",S"...)
	b = digits(b, "", v.serial, 8)
	b = append(append(b, sn...), ",4,"...)
	upload := day
	if m.chance(50) {
		upload = min(day+3, len(m.d.days)-1)
	}
	b = m.when(b, upload, 21*3600)
	b = m.when(append(b, ','), day, second)
	b = append(append(append(b, ','), it.code...), ',')
	b = strconv.AppendInt(b, int64(cnt), 10)
	b = append(append(b, ','), v.id[:]...)
	b = append(append(b, ','), trace...)
	b = money(append(b, ",0,"...), cnt*it.cents)
	m.c.bufs[inventories] = append(b, ",,\n"...)
	m.c.rows[inventories]++
}

// purchases are the stock-takes, changes and purchases of all institutions, before the first sale.
func (d *district) purchases() (data []byte, rows int64) {
	r := &random{d.opt.seed + 7}
	for _, p := range d.places {
		for n := range 20 {
			kind, it := "3", d.drugs[r.intn(len(d.drugs))]
			if n < 2 {
				kind = strconv.Itoa(n + 1)
			}
			cnt, day := r.between(10, 500), d.days[beforeMonth+r.intn(len(d.days)-beforeMonth)]
			if n == 19 {
				cnt = -cnt / 5
			}
			platform, gift := bit(r.chance(920)), bit(r.chance(10))
			data = fmt.Appendf(data, "%s,P%s%04d,%s,%s 18:00:00,%s 09:30:00,%s,%d,,,0,%s,%c,%c\n", p.code, d.month, n+1, kind, day, day,
				it.code, cnt, yuan(cnt*it.cents), platform, gift)
			rows++
		}
	}
	return data, rows
}
