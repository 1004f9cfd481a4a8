package pipeline

import "strings"

// Type is the type of a feed column; it decides how a value is read and stored.
type Type uint8

// Column types and the DuckDB type each is stored as.
const (
	Text     Type = iota // VARCHAR, trimmed
	ID                   // VARCHAR, trimmed; exponent or decimal part refused
	Code                 // VARCHAR, trimmed, labels decoded, unknown codes kept
	PracCode             // VARCHAR, trimmed, half-width, upper case
	Enum                 // VARCHAR, labels decoded, only Column.Allowed accepted
	Cents                // BIGINT, yuan with two decimals times 100
	Quantity             // BIGINT, up to 4 decimals, times 10^4 (column name + "_e4")
	Price                // BIGINT, up to 6 decimals, times 10^6 (column name + "_e6")
	Int                  // INTEGER
	Time                 // TIMESTAMP, Asia/Shanghai wall time
	Date                 // DATE
)

// Column is one column of a feed. Name is the contract's; see Stored for the table's.
type Column struct {
	Name     string
	Type     Type
	Required bool     // the column must exist and a row without a value is rejected
	Default  string   // stands for a missing value
	Allowed  []string // for Enum
	Personal bool     // a name, person number or certificate number: masked outside the warehouse
	Aside    bool     // text the audit never reads: stored joined in the table's column "aside"
	Trace    bool     // trace codes: a number in exponent form is malformed, not a rejected row
}

// Stored is the column's name in the staging table.
func (c Column) Stored() string {
	switch c.Type {
	case Cents:
		return strings.TrimSuffix(c.Name, "_yuan") + "_cents"
	case Quantity:
		return c.Name + "_e4"
	case Price:
		return c.Name + "_e6"
	default:
		return c.Name
	}
}

// Feed is one kind of delivery (contract section 2). Its rows live in staging.<Name>.
type Feed struct {
	Name    string
	Title   string // Chinese, for reports
	Columns []Column
	Key     []string // columns that identify a row; a missing part counts as equal
	Version string   // column whose newest value wins; "" means the later row
	Amount  string   // column summed for control totals; "" for none
}

// AsideSeparator stands between the values of column "aside", which end in no separator; an empty one is missing.
const AsideSeparator = '\x1f'

// Table is the feed's columns as its staging table has them, behind file_id, line_no and row_key: each under Stored,
// but those set aside joined in one, because every column of millions of rows costs.
func (f *Feed) Table() []Column {
	var table []Column
	aside := false
	for _, c := range f.Columns {
		if aside = aside || c.Aside; !c.Aside {
			table = append(table, c)
		}
	}
	if aside {
		table = append(table, Column{Name: "aside", Type: Text})
	}
	return table
}

// Column finds a column by contract name.
func (f *Feed) Column(name string) (Column, bool) {
	for _, c := range f.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// FeedOf recognises a file by its name: the feed's name in any case, then
// anything. The longest matching feed name counts; nil means no feed.
func FeedOf(fileName string) *Feed {
	name := strings.ToLower(fileName)
	var best *Feed
	for i := range Feeds {
		f := &Feeds[i]
		if strings.HasPrefix(name, f.Name) && (best == nil || len(f.Name) > len(best.Name)) {
			best = f
		}
	}
	return best
}

// FeedNamed returns the feed of exactly that name, or nil.
func FeedNamed(name string) *Feed {
	for i := range Feeds {
		if Feeds[i].Name == name {
			return &Feeds[i]
		}
	}
	return nil
}
