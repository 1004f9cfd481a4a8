package jobs

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
)

// Machine is what doctor knows about the host beside the data directory.
type Machine struct {
	Units   []string // where a systemd unit may lie
	MemInfo string   // /proc/meminfo
	Cgroup  string   // /sys/fs/cgroup/memory.max
}

// ThisMachine is the host the program runs on.
func ThisMachine() Machine {
	return Machine{MemInfo: "/proc/meminfo", Cgroup: "/sys/fs/cgroup/memory.max", Units: []string{
		"/etc/systemd/system/claimsaudit.service", "/usr/local/lib/systemd/system/claimsaudit.service",
		"/usr/lib/systemd/system/claimsaudit.service", "/lib/systemd/system/claimsaudit.service"}}
}

func (d *doctor) machine(ctx context.Context, m Machine) {
	d.memory(m)
	d.openFiles()
	d.fonts(ctx)
	for _, unit := range m.Units {
		if _, err := os.Stat(unit); err == nil {
			d.say("service", OK, "", "%s", unit)
			return
		}
	}
	d.say("service", Info, "configs/systemd/README.md says how to install it", "no systemd unit: serve is started by hand or by something else")
}

// clock compares with what the ledger knows. The host's time zone does not matter: the program counts in Shanghai time.
func (d *doctor) clock() {
	now := d.now()
	shown := now.Format(time.DateTime) + " in Shanghai, whatever the host's time zone"
	const do = "set the clock (timedatectl, an NTP server): serve runs nothing while it is in doubt"
	first, last := yearsOf(d.Config.Operation.Calendar)
	switch {
	case now.Before(d.newest):
		d.say("clock", Fail, do, "%s: that is before the newest run in the ledger, %s", shown, d.newest.Format(time.DateTime))
	case first != 0 && (now.Year() < first || now.Year() > last+1):
		d.say("clock", Fail, do+"; or add the year to `calendars`", "%s: far from the years of the calendar, %d to %d", shown, first, last)
	case d.isWhole:
		d.say("clock", Warn, "use a file system with finer times (ext4, xfs): a file that changes while it is read may pass unnoticed", "%s; but the times of files have whole seconds only", shown)
	default:
		d.say("clock", OK, "", "%s", shown)
	}
}

func yearsOf(c configs.Calendar) (first, last int) {
	years := c.Years()
	if len(years) == 0 {
		return 0, 0
	}
	return years[0], years[len(years)-1]
}

// calendar needs this year's working days, and next year's as soon as the State Council has announced them.
func (d *doctor) calendar() {
	now := d.now()
	known := d.Config.Operation.Calendar.Years()
	has := func(year int) bool {
		for _, y := range known {
			if y == year {
				return true
			}
		}
		return false
	}
	const do = "add the year: configs/README.md says how"
	switch year := now.Year(); {
	case !has(year):
		d.say("calendar", Fail, do, "the working days of %d are not known", year)
	case now.Month() >= time.November && !has(year+1):
		d.say("calendar", Warn, do, "the working days of %d are not known; they are announced in November", year+1)
	default:
		d.say("calendar", OK, "", "years %d to %d", known[0], known[len(known)-1])
	}
}

// mailPatience bounds every wait for the mail server.
const mailPatience = 5 * time.Second

func (d *doctor) mailServer(ctx context.Context) {
	m := d.Config.Operation.Mail
	if !m.Enabled() {
		d.say("mail server", Info, "", "mail is off")
		return
	}
	sender := d.sender()
	sender.Timeout = mailPatience
	if err := sender.Check(ctx); err != nil {
		d.say("mail server", Fail, pipeline.HintOf(err)+"; mails wait in the outbox meanwhile", "%v", err)
		return
	}
	d.say("mail server", OK, "", "%s:%d lets us in, %s", m.Host, m.Port, m.Security)
}

// memory compares the database's share with the machine's, or with what its container may have.
func (d *doctor) memory(m Machine) {
	total, err := memoryTotal(m)
	limit := int64(d.Config.Settings.MemoryLimitMB) * 1_000_000
	const besides = 600_000_000 // what a run takes beside the database, at most
	switch {
	case err != nil:
		d.say("memory", Info, "", "cannot be told: %v", err)
	case limit > total:
		d.say("memory", Fail, "lower memory_limit_mb", "memory_limit_mb is %d, the machine has %s", d.Config.Settings.MemoryLimitMB, megabytes(total))
	case limit+besides > total:
		d.say("memory", Warn, "lower memory_limit_mb: a run takes up to 600 MB beside the database", "memory_limit_mb is %d, the machine has %s", d.Config.Settings.MemoryLimitMB, megabytes(total))
	default:
		d.say("memory", OK, "", "memory_limit_mb is %d, the machine has %s", d.Config.Settings.MemoryLimitMB, megabytes(total))
	}
}

func memoryTotal(m Machine) (int64, error) {
	text, err := os.ReadFile(m.MemInfo)
	if err != nil {
		return 0, err
	}
	var kb int64
	if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kb); err != nil {
		return 0, fmt.Errorf("%s: %w", m.MemInfo, err)
	}
	total := kb * 1024
	if text, err := os.ReadFile(m.Cgroup); err == nil {
		if share, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil { // "max" is no number
			total = min(total, share)
		}
	}
	return total, nil
}

func (d *doctor) openFiles() {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		d.say("open files", Info, "", "cannot be told: %v", err)
		return
	}
	if limit.Cur < 1024 {
		d.say("open files", Warn, "raise it: ulimit -n 4096, or LimitNOFILE= of the service", "only %d at a time", limit.Cur)
		return
	}
	d.say("open files", OK, "", "%d at a time", limit.Cur)
}

// fonts only matter to whoever opens a report on this machine.
func (d *doctor) fonts(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, mailPatience)
	defer stop()
	path, err := exec.LookPath("fc-list")
	if err != nil {
		d.say("Chinese fonts", Info, "", "not looked for: there is no fc-list; reports are read elsewhere")
		return
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, path, ":lang=zh", "family")
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		d.say("Chinese fonts", Info, "", "%s: %v", filepath.Base(path), err)
		return
	}
	if n := bytes.Count(out.Bytes(), []byte("\n")); n > 0 {
		d.say("Chinese fonts", OK, "", "%d", n)
		return
	}
	d.say("Chinese fonts", Warn, "install one (Debian: fonts-noto-cjk) if reports are opened or printed on this machine", "none")
}
