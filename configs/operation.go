package configs

import (
	"crypto/x509"
	"slices"
	"time"
)

// Schedule says when each job runs, in Asia/Shanghai: a cron expression of five fields, "workday N HH:MM" for the N-th
// working day of every month, or "off".
type Schedule struct {
	Nightly, Monthly, Annual, Housekeeping string
}

// Mail says how and to whom reports go. Without a host nothing is mailed.
type Mail struct {
	Host              string
	Port              int
	Security          string // starttls, tls, or none (loopback only)
	User              string // "" = no authentication
	PasswordFile      string // mode 0600; CLAIMSAUDIT_MAIL_PASSWORD beats it
	Password          Secret // as read; string(Password) gives it
	From              string
	AttachmentLimitMB int
	Recipients        map[string][]string // report kind: monthly, daily, alarm
	Institutions      map[string][]string // fixmedins_code: addresses for its own statement
	Reports           []string            // what the monthly mail brings along; nil: the month's report

	CAFile               string         // PEM of an authority the machine does not know
	Authority            *x509.CertPool // as read, with the machine's own; nil without a CAFile
	WorkbookPasswordFile string         // mode 0600; with it workbooks are mailed encrypted
	WorkbookPassword     Secret         // as read

	InstitutionPasswordsFile string            // mode 0600, CODE=password a line
	InstitutionPasswords     map[string]Secret // as read, by fixmedins_code
	InstitutionsUnencrypted  bool              // an institution without a password gets its statement as it is
	RecipientPasswordsFile   string            // mode 0600, ADDRESS=password a line
	RecipientPasswords       map[string]Secret // as read, by address of the monthly report; others get WorkbookPassword
}

// The reports that the monthly mail can bring along. Points and Handover name
// people in full, so they travel encrypted or not at all.
const (
	ReportMonthly  = "monthly"
	ReportPoints   = "points"
	ReportHandover = "handover"
)

// Brings reports whether the monthly mail brings a report along.
func (m Mail) Brings(report string) bool {
	if m.Reports == nil {
		return report == ReportMonthly
	}
	return slices.Contains(m.Reports, report)
}

// Enabled reports whether mail is configured.
func (m Mail) Enabled() bool { return m.Host != "" }

// ExpectedFile is a delivery the centre waits for every month, from each sender.
type ExpectedFile struct {
	Feed    string
	Name    string   // glob of the file's name; {period} is yyyymm of the claims' month, {sender} the sender
	Senders []string // at least one; "" if the name has no {sender}
	Workday int      // due at the end of this working day of the following month
}

// Secret is text that shows as *** wherever it is printed, logged or marshalled.
type Secret string

func (Secret) String() string               { return "***" }
func (Secret) GoString() string             { return "***" }
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Retention says what housekeeping keeps.
type Retention struct {
	PublishedCopies int // former publications kept under published/history
	OutboxDays      int // sent messages lose their content after so many days
	QuarantineDays  int // quarantine files whose rows were all taken in again
}

// Operation is what the unattended machine needs to know.
type Operation struct {
	Schedule       Schedule
	Mail           Mail
	Expected       []ExpectedFile
	Retention      Retention
	Documents      Documents
	Site           Site
	Statements     Statements
	Listen         string        // loopback address of health and metrics, "" or "off" = none
	SnapshotMaxAge time.Duration // older status snapshots are an alarm
	CatchUpMax     time.Duration // a longer gap since the last run is taken for a wrong clock
	DiskFreeMinMB  int
	Calendar       Calendar
}
