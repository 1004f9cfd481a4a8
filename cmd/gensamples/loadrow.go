package main

import "strconv"

// maker writes the rows of one chunk.
type maker struct {
	*random
	d *district
	c *chunk
}

// visitPlan is one settlement being written.
type visitPlan struct {
	at       *place
	serial   int // unique in the month
	day      int // index into district.days
	second   int // of setl_time
	stay     int // days before setl_time that lines may fall on
	medType  string
	total    int // cents
	er       bool
	id, visi [20]byte // setl_id, mdtrt_id
}

// fill makes chunk number i; the last one is as short as it must be.
func (d *district) fill(c *chunk, i int) {
	for s := range c.bufs {
		c.bufs[s], c.rows[s] = c.bufs[s][:0], 0
	}
	m := &maker{&random{d.opt.seed + uint64(i+1)*0x51ED2701}, d, c}
	first := int64(i) * chunkLines
	want := int(min(chunkLines, d.opt.lines-first))
	days := len(d.days) - beforeMonth
	for n, k := 0, 0; n < want; k++ {
		day := int((first + int64(n)) * int64(days) / d.opt.lines)
		n += m.visit(i*chunkLines+k+1, beforeMonth+day, want-n)
	}
}

// visit writes one settlement of at most limit lines and returns how many it has.
func (m *maker) visit(serial, day, limit int) int {
	v := visitPlan{serial: serial, day: day, second: m.between(9*3600, 20*3600), medType: "11"}
	lines := 0
	switch kind := m.intn(100); {
	case kind < 25:
		v.at, v.medType, lines = m.d.pharmacies[m.intn(pickSize)], "41", m.between(1, 5)
	case kind < 80:
		v.at, lines = m.d.hospitals[m.intn(pickSize)], m.between(3, 12)
		if m.chance(40) {
			v.medType = "13"
		}
	default:
		v.at, v.medType, v.stay, lines = m.d.hospitals[m.intn(pickSize)], "21", m.between(2, 14), m.between(16, 60)
		if m.chance(50) {
			v.medType = "24"
		}
	}
	v.er = m.chance(10)
	digits(v.id[:0], region+m.d.month, serial, 8)
	digits(v.visi[:0], "7"+region+m.d.month[:5], serial*7%100000000, 8)
	lines = min(lines, limit)
	for k := range lines {
		m.line(&v, k+1)
	}
	m.settlement(&v)
	return lines
}

// digits appends prefix and n padded to width.
func digits(b []byte, prefix string, n, width int) []byte {
	b = append(b, prefix...)
	b = append(b, "00000000000000000000"[:width]...)
	for i := len(b) - 1; n > 0 && i >= len(b)-width; i-- {
		b[i], n = byte('0'+n%10), n/10
	}
	return b
}

func money(b []byte, cents int) []byte {
	b = strconv.AppendInt(b, int64(cents/100), 10)
	return append(b, '.', byte('0'+cents/10%10), byte('0'+cents%10))
}

// when appends yyyy-MM-dd HH:mm:ss.
func (m *maker) when(b []byte, day, second int) []byte {
	b = append(b, m.d.days[day]...)
	b = append(b, ' ', byte('0'+second/36000), byte('0'+second/3600%10), ':', byte('0'+second/600%6), byte('0'+second/60%10), ':')
	return append(b, byte('0'+second/10%6), byte('0'+second%10))
}

// line writes one fee line, columns in the order of the feed.
func (m *maker) line(v *visitPlan, k int) {
	it := &m.d.services[m.intn(loadServices)]
	isDrug := v.at.pharmacy || m.intn(100) < 55
	if isDrug {
		it = &m.d.drugs[m.intn(loadDrugs)]
	}
	day, second := v.day, v.second-m.between(300, 3600)
	if v.stay > 0 {
		day -= m.intn(v.stay + 1)
	}
	cnt := m.between(1, 6)
	sum := cnt * it.cents
	v.total += sum

	b := append(m.c.bufs[feeLines], v.id[:]...)
	b = append(b, ',')
	serialAt := len(b)
	if v.at.pharmacy {
		b = strconv.AppendInt(b, int64(k), 10)
	} else {
		b = append(append(b, "105"...), m.d.month...)
		b = digits(b, "", v.serial, 8)
		b = digits(b, "", k, 3)
	}
	sn := b[serialAt:]
	b = m.when(append(b, ','), day, second)
	b = append(append(append(append(append(b, ','), it.code...), ','), it.kind...), ',')
	b = strconv.AppendInt(b, int64(cnt), 10)
	b = money(append(b, ','), it.cents)
	b = money(append(b, ','), sum)
	b = append(append(b, ','), v.visi[:]...)
	b = append(append(b, ','), it.name...)
	b = money(append(b, ','), sum*95/100)
	b = m.persons(append(b, ','), v)
	if isDrug {
		b = digits(append(b, ",RX"...), "", v.serial, 8)
		b = digits(b, "", k/5, 2)
	} else {
		b = append(b, ',')
	}
	b = append(b, ",0,"...)
	b = append(b, bit(v.er), ',', bit(it.nego), ',')
	traceAt := len(b)
	if isDrug && m.chance(930) {
		b = m.trace(b, it)
		if m.chance(100) {
			b = m.trace(append(b, ';'), it)
		}
	}
	trace := b[traceAt:]
	b = append(b, ',')
	if isDrug {
		b = append(b, bit(m.chance(50)))
	}
	m.c.bufs[feeLines] = append(b, '\n')
	m.c.rows[feeLines]++
	if isDrug && v.at.uploads {
		m.sale(v, it, sn, trace, day, second, cnt)
	}
}

// trace appends 7 digits of drug and 13 of serial.
func (m *maker) trace(b []byte, it *loadItem) []byte {
	b = digits(b, "8", it.id, 6)
	return digits(b, "", int(m.next()>>1%10000000000000), 13)
}

func bit(is bool) byte {
	if is {
		return '1'
	}
	return '0'
}

// persons writes the four columns of the ordering and the executing person. A
// pharmacy's line has none, one in a thousand is in no registry.
func (m *maker) persons(b []byte, v *visitPlan) []byte {
	if v.at.pharmacy {
		return append(b, ",,,"...)
	}
	staff := v.at.staff
	bilg := staff[m.intn(len(staff))]
	if m.chance(1) {
		b = append(b, "D500105999999,"...)
	} else {
		b = append(b, bilg.text...)
	}
	orders := bilg
	if m.chance(300) {
		orders = staff[m.intn(len(staff))]
	}
	return append(append(b, ','), orders.text...)
}
