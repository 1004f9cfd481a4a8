package pipeline

import (
	"errors"
	"strings"
)

// Kind says who must act on an error and picks the exit code.
type Kind uint8

// The kinds of error, in the order of contract section 1.
const (
	KindInternal    Kind = iota // a fault of ours or of the machine
	KindUsage                   // arguments or configuration
	KindBadFile                 // a delivered file cannot be used
	KindGate                    // a quality gate stopped the run
	KindUndelivered             // report made, not delivered
	KindMissingFile             // an expected file is missing
	KindLocked                  // another run holds the lock
	KindInterrupted             // the operator or the system asked us to stop
)

// ExitCode is the process exit code of a kind (contract section 1).
func (k Kind) ExitCode() int {
	switch k {
	case KindUsage:
		return 2
	case KindBadFile:
		return 3
	case KindGate:
		return 4
	case KindUndelivered:
		return 5
	case KindMissingFile:
		return 6
	case KindLocked:
		return 11
	case KindInterrupted:
		return 130
	default:
		return 1
	}
}

// Error is an error a person can act on: what was being done, where, why, and what to do.
type Error struct {
	Kind  Kind
	Op    string // the operation, e.g. "load fee_line"
	Where string // file, line, column, table: as precise as known
	Hint  string // what the person who must act should do
	Err   error  // the cause, may be nil
}

// Error is valid UTF-8 whatever a library quotes from a damaged file: it goes into tables, logs and mails.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Where != "" {
		b.WriteString(": ")
		b.WriteString(e.Where)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the first *Error in err's chain; KindInternal without one.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}

// gravity orders the kinds of which one run may join several, the gravest first: what kept it from judging, then what it
// judged without, then what became of the result.
var gravity = []Kind{KindInternal, KindGate, KindUsage, KindLocked, KindInterrupted, KindBadFile, KindUndelivered, KindMissingFile}

// Gravest is the kind that decides among joined errors; KindInternal for an error that is not ours.
func Gravest(err error) Kind {
	kinds := map[Kind]bool{}
	for _, e := range Flatten(err) {
		kinds[KindOf(e)] = true
	}
	for _, k := range gravity {
		if kinds[k] {
			return k
		}
	}
	return KindInternal
}

// Stands reports whether a run that ended with err did its work all the same: what it made is in place.
func Stands(err error) bool {
	if err == nil {
		return true
	}
	switch Gravest(err) {
	case KindBadFile, KindUndelivered, KindMissingFile:
		return true
	default:
		return false
	}
}

// Flatten lists the errors that were joined.
func Flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, Flatten(e)...)
		}
		return all
	}
	return []error{err}
}

// HintOf is the hint of the first *Error in err's chain that has one.
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}
