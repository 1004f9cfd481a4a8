package pipeline

import "fmt"

// Tally is a number of rows and the amount they carry, in cents.
type Tally struct {
	Rows  int64
	Cents int64
}

// Add returns the sum of two tallies.
func (t Tally) Add(o Tally) Tally { return Tally{t.Rows + o.Rows, t.Cents + o.Cents} }

// FileCounts says what became of every row of one delivered file.
type FileCounts struct {
	Read, Loaded, Superseded, Duplicate, Rejected Tally
}

// Check returns an error unless read = loaded + superseded + duplicate + rejected, in rows and in cents.
func (c FileCounts) Check() error {
	sum := c.Loaded.Add(c.Superseded).Add(c.Duplicate).Add(c.Rejected)
	if sum != c.Read {
		return fmt.Errorf("rows do not balance: read %+v, loaded %+v, superseded %+v, duplicate %+v, rejected %+v",
			c.Read, c.Loaded, c.Superseded, c.Duplicate, c.Rejected)
	}
	return nil
}

// RejectedRow is a row of a delivery that could not be accepted. Raw holds personal data.
type RejectedRow struct {
	LineNo int64  // physical line on which the record begins, header = 1
	Column string // contract column at fault, "" when the row as a whole is
	Reason string // why and what is expected, in Chinese, for the sender
	Raw    string // the record as delivered, decoded to UTF-8, without its line end
	Masked string // Raw without personal data
	Cents  int64  // amount column, 0 if it cannot be read
}
