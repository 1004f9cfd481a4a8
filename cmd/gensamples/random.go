package main

// random is splitmix64. Our own few lines rather than math/rand, because the
// bytes written must stay the same whatever the Go release, and the load test
// draws some hundred million numbers.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9E3779B97F4A7C15
	z := r.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// intn is a number in [0,n); the bias of the modulo does not matter here.
func (r *random) intn(n int) int { return int(r.next() % uint64(n)) }

// between is a number in [lo,hi].
func (r *random) between(lo, hi int) int { return lo + r.intn(hi-lo+1) }

// chance is true in perMille of 1000 cases.
func (r *random) chance(perMille int) bool { return r.intn(1000) < perMille }
