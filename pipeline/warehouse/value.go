package warehouse

import (
	"math/big"
	"strings"
	"time"

	"github.com/marcboeker/go-duckdb"
)

// Plain turns a value scanned into an any into nil, bool, string, an integer or a float64. Decimals and big integers
// become exact text, days yyyy-MM-dd, times yyyy-MM-dd HH:mm:ss.
func Plain(v any) any {
	switch x := v.(type) {
	case []byte:
		return string(x)
	case time.Time:
		if x.Equal(x.Truncate(24 * time.Hour)) {
			return x.Format(time.DateOnly)
		}
		return x.Format(time.DateTime)
	case *big.Int:
		return x.String()
	case duckdb.Decimal:
		return decimalText(x)
	default:
		return x
	}
}

func decimalText(d duckdb.Decimal) string {
	digits := new(big.Int).Abs(d.Value).String()
	scale := int(d.Scale)
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	text := digits
	if scale > 0 {
		text = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if d.Value.Sign() < 0 {
		return "-" + text
	}
	return text
}
