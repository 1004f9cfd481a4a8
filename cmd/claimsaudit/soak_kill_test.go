package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"claimsaudit/pipeline/mail/mailtest"
	"claimsaudit/pipeline/warehouse"
)

// ground is where runs are killed: an office with mail that has closed a month, and what the next month looks like
// when nobody disturbs it.
type ground struct {
	server *mailtest.Server
	base   *site
	want   map[string][][]string
	mails  map[string]int // by kind and recipient
	lines  int            // of the log
	took   time.Duration
	killed map[string]int // by what the run was in the middle of
	tally  mailTally
}

// mailTally counts copies that reached the server.
type mailTally struct{ messages, lost, twice, unmarked int }

// blow is when a run is killed: at a line of its log, as soon as something is to be seen, when the mail server is
// reached, or at once; and so much later.
type blow struct {
	line    int
	seen    func(s *site, began time.Time) bool
	reached chan struct{}
	after   time.Duration
}

func soakKills(tb testing.TB, size soakSize) soakRow {
	g := newGround(tb)
	faults, again, trials := 0, 0, 0
	for done := 0; done < size.kills; trials++ {
		if trials > 3*size.kills+20 {
			tb.Errorf("%d trials, only %d kills", trials, done)
			break
		}
		faults += try(tb, fmt.Sprintf("kill %d of seed %d", trials, size.seed), func(tb testing.TB) {
			kills := g.trial(tb, size.chance("kill", trials), trials)
			if kills > 1 {
				again++
			}
			if done += kills; done%20 < kills && size.kills > 20 {
				fmt.Printf("%s  %d of %d kills\n", time.Now().Format(time.TimeOnly), done, size.kills)
			}
		})
	}
	sum := 0
	for _, n := range g.killed {
		sum += n
	}
	t := g.tally
	return soakRow{what: "SIGKILL at random moments of a monthly run, then a restart", asked: fmt.Sprintf("%d kills", sum), faults: faults,
		seen: fmt.Sprintf("in the middle of: %s; %d restarts were killed too; %d mails: %d lost, %d came twice, %d of these without a mark",
			tallies(g.killed), again, t.messages, t.lost, t.twice, t.unmarked)}
}

func newGround(tb testing.TB) *ground {
	tb.Helper()
	g := &ground{server: mailServer(tb), base: newSite(tb), killed: map[string]int{}}
	withMail(tb, g.base, g.server)
	g.base.deliver(tb, firstMonth)
	g.base.must(tb, 0, firstArgs...)
	s, before, start := copySite(tb, g.base), len(g.server.Received()), time.Now()
	code, log := watch(tb, s.child(tb, secondArgs...), nil)
	if code != 0 {
		tb.Fatalf("undisturbed run: exit %d\n%s", code, log)
	}
	g.took, g.lines, g.want = time.Since(start), strings.Count(log, "\n"), result(tb, s)
	g.mails = g.checkMail(tb, s, before)
	if g.tally = (mailTally{}); len(g.mails) < 3 {
		tb.Fatalf("mails of an undisturbed month: %v", g.mails)
	}
	return g
}

// trial kills the second month's run once or twice, runs it again, and wants everything as if nothing had happened.
func (g *ground) trial(tb testing.TB, r *rand.Rand, no int) (kills int) {
	s, before := copySite(tb, g.base), len(g.server.Received())
	if no%10 == 7 { // in a run that lives long enough for it an answer is lost as well
		g.server.Treat(pick(r, "head@example.cn", "auditor@example.cn", "operator@example.cn"), mailtest.Conduct{DropAt: mailtest.AfterData})
	}
	if g.strike(tb, s, g.draw(r, no)) {
		kills++
	}
	s.must(tb, 0, "status") // a killed run leaves nothing that stops a look at the state
	if no%4 == 3 && g.strike(tb, s, blow{after: time.Duration(r.Int64N(int64(g.took)))}) {
		kills++
	}
	g.behave()
	if code, stdout, stderr := s.run(secondArgs...); code != 0 {
		tb.Fatalf("the restart ends with %d\n%s%s", code, stdout, stderr)
	}
	compareResults(tb, result(tb, s), g.want)
	s.must(tb, 0, "verify") // a killed run is a link of the chain
	s.accounted(tb)
	if got := g.checkMail(tb, s, before); fmt.Sprint(got) != fmt.Sprint(g.mails) {
		tb.Errorf("mails by kind and recipient: %v, undisturbed %v", got, g.mails)
	}
	return kills
}

// behave lets the server accept everything again.
func (g *ground) behave() {
	for _, to := range []string{"head@example.cn", "auditor@example.cn", "operator@example.cn"} {
		g.server.Treat(to, mailtest.Conduct{})
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// draw takes the kinds of blow in turn, and a random one of the kind.
func (g *ground) draw(r *rand.Rand, no int) blow {
	later := time.Duration(r.IntN(20_000)) * time.Microsecond
	if r.IntN(3) == 0 {
		later = 0
	}
	switch no % 6 {
	case 0:
		reached := make(chan struct{})
		g.server.Treat(pick(r, "head@example.cn", "auditor@example.cn", "operator@example.cn"),
			mailtest.Conduct{HangAt: pick(r, mailtest.AtRcpt, mailtest.BeforeData, mailtest.AfterData), Reached: reached})
		return blow{reached: reached, after: later}
	case 1:
		return blow{line: 1 + r.IntN(g.lines), after: later}
	case 2: // publishing
		path := pick(r, "published/analyst.duckdb.tmp", "published/analyst.duckdb.tmp.wal", "published/history",
			"reports/2025-04", "reports/2025-04/claimsaudit-2025-04.xlsx", "reports/2025-04/claimsaudit-2025-04.html")
		return blow{after: later, seen: func(s *site, _ time.Time) bool { return exists(s, path) }}
	case 3: // what was committed goes from the log into the file: a checkpoint
		return blow{after: later / 4, seen: func(s *site, began time.Time) bool { return isWritten(s, "warehouse.duckdb", began) }}
	case 4: // the journal, which is last but for a checkpoint
		if r.IntN(2) == 0 {
			return blow{seen: func(s *site, _ time.Time) bool { return exists(s, "archive/.incoming/entry") }}
		}
		return blow{after: later / 4, seen: func(s *site, began time.Time) bool { return isWritten(s, "archive/journal", began) }}
	}
	return blow{after: time.Duration(r.Int64N(int64(g.took)))}
}

func exists(s *site, path string) bool {
	_, err := os.Stat(filepath.Join(s.data, path))
	return err == nil
}

func isWritten(s *site, path string, since time.Time) bool {
	info, err := os.Stat(filepath.Join(s.data, path))
	return err == nil && info.ModTime().After(since)
}

// strike runs the second month, kills it, and notes in the middle of what; false if it had ended before.
func (g *ground) strike(tb testing.TB, s *site, b blow) bool {
	tb.Helper()
	cmd := s.child(tb, secondArgs...)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		tb.Fatal(err)
	}
	began, sessions := time.Now(), g.server.Sessions()
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	var killed time.Time // its dying takes a while
	hit, over, struck := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(struck)
		if b.await(s, began, hit, over) {
			time.Sleep(b.after)
			killed = time.Now()
			_ = cmd.Process.Kill() // it may have ended
		}
	}()
	var log strings.Builder
	lines := bufio.NewScanner(pipe)
	for n := 1; lines.Scan(); n++ {
		log.WriteString(lines.Text() + "\n")
		if n == b.line {
			close(hit)
		}
	}
	close(over) // its log has ended: it is dead or about to
	<-struck
	_ = cmd.Wait() // the exit code says it
	g.behave()
	if code := cmd.ProcessState.ExitCode(); code != -1 {
		if code != 0 && code != 5 {
			tb.Errorf("a run nobody killed ends with %d\n%s", code, log.String())
		}
		return false
	}
	g.killed[middleOf(s, began, killed, log.String(), g.server.Sessions() > sessions)]++
	return true
}

// await waits for the blow's moment; false if the run ended before.
func (b blow) await(s *site, began time.Time, hit, over <-chan struct{}) bool {
	var look <-chan time.Time
	switch {
	case b.reached != nil:
		hit = b.reached
	case b.seen != nil:
		tick := time.NewTicker(100 * time.Microsecond)
		defer tick.Stop()
		look = tick.C
	case b.line == 0:
		return true
	}
	for {
		select {
		case <-over:
			return false
		case <-hit:
			return true
		case <-look:
			if b.seen(s, began) {
				return true
			}
		}
	}
}

// middleOf says what a killed run was doing, by what it left and what it said last. Nothing but a checkpoint writes to the
// warehouse's file while there is a log.
func middleOf(s *site, began, killed time.Time, log string, isMailing bool) string {
	wal, err := os.Stat(filepath.Join(s.data, "warehouse.duckdb.wal"))
	switch {
	case exists(s, "archive/.incoming/entry") || isWritten(s, "archive/journal", began) && strings.Contains(log, "month closed"):
		return "journal"
	case isMailing:
		return "mail"
	case isWritten(s, "warehouse.duckdb", killed.Add(-10*time.Millisecond)) && err == nil && wal.Size() > 0:
		return "checkpoint"
	case exists(s, "published/analyst.duckdb.tmp"):
		return "publish"
	case strings.Contains(log, "month closed"):
		return "end of the run"
	case strings.Contains(log, "computed"):
		return "audit"
	case strings.Contains(log, "run started"):
		return "taking in"
	}
	return "start"
}

// checkMail compares what the server got since a message with the outbox, and returns the messages by kind and recipient.
func (g *ground) checkMail(tb testing.TB, s *site, since int) map[string]int {
	tb.Helper()
	copies, unmarked := map[string]int{}, map[string]int{}
	for _, m := range g.server.Received()[since:] {
		header := mailtest.Parse(tb, m.Raw).Header
		key := strings.Trim(header.Get("Message-Id"), "<>") + " " + m.To
		if copies[key]++; copies[key] > 1 && header.Get("X-Possible-Repeat") == "" {
			unmarked[key]++
		}
	}
	db, err := warehouse.OpenReadOnly(context.Background(), filepath.Join(s.data, "warehouse.duckdb"))
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	got := map[string]int{}
	if err := db.Query(context.Background(), func(rows *sql.Rows) error {
		var id, kind, to, state string
		var isAmbiguous bool
		if err := rows.Scan(&id, &kind, &to, &state, &isAmbiguous); err != nil {
			return err
		}
		key := id + " " + to
		got[kind+" "+to]++
		g.tally.messages++
		if state != warehouse.MailSent || copies[key] == 0 {
			g.tally.lost++
			tb.Errorf("the %s mail to %s is %s and came %d times", kind, to, state, copies[key])
		}
		if n := copies[key]; n > 1 {
			g.tally.twice += n - 1
			g.tally.unmarked += unmarked[key]
			if !isAmbiguous || unmarked[key] > 0 {
				tb.Errorf("the %s mail to %s came %d times, %d of them unmarked (is_ambiguous %t)", kind, to, n, unmarked[key], isAmbiguous)
			}
		}
		delete(copies, key)
		return nil
	}, `SELECT r.message_id, m.kind, r.address, r.state, r.is_ambiguous FROM meta.message_recipient r JOIN meta.message m USING (message_id)
WHERE m.period IS NULL OR m.period <> '2025-03'`); err != nil {
		tb.Fatal(err)
	}
	for key := range copies {
		tb.Errorf("a mail that is in no outbox: %s", key)
	}
	return got
}
