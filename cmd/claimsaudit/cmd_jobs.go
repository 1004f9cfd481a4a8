package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

func (a *app) jobsCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: "jobs", Args: noArgs,
		Short: "The timetable: last run, missed runs and the next five times of each job",
		Long: `Shows the timetable that serve works by. "missed" are runs that fell due since serving began and are not
done: due at the next wake, waiting to be tried again, or given up, which means that somebody must see to
it and run it by hand. Times are those of Asia/Shanghai.`,
		Example: "  claimsaudit jobs\n  claimsaudit jobs --format json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			write, ok := map[string]func(io.Writer, jobs.Agenda) error{"table": writeAgenda, "json": writeAgendaJSON}[format]
			if !ok {
				return usageError{fmt.Errorf("unknown format %q: use table or json", format)}
			}
			runner, err := a.reader()
			if err != nil {
				return err
			}
			agenda, err := runner.Agenda(cmd.Context())
			if err != nil {
				return err
			}
			if err := write(a.stdout, agenda); err != nil {
				return err
			}
			wrong := []error{agenda.Suspect}
			for _, l := range agenda.Lines {
				if l.Blocked != nil && len(l.Next) == 0 {
					wrong = append(wrong, l.Blocked)
				}
			}
			return errors.Join(wrong...)
		},
	}
	cmd.Flags().StringVar(&format, "format", "table", "table or json")
	return cmd
}

const toMinute = "2006-01-02 15:04"

func writeAgenda(w io.Writer, agenda jobs.Agenda) error {
	fmt.Fprintf(w, "%-13s %-16s %-34s %-28s %s\n", "job", "schedule", "last run", "missed", "next")
	for _, l := range agenda.Lines {
		next := []string{"never"}
		if l.Spec != "off" {
			next = nextTexts(l)
		}
		missed := missedTexts(agenda, l)
		for i := range max(len(next), len(missed)) {
			job, spec, last := "", "", ""
			if i == 0 {
				job, spec, last = string(l.Job), l.Spec, lastText(agenda, l)
			}
			at := func(list []string) string {
				if i < len(list) {
					return list[i]
				}
				return ""
			}
			fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-13s %-16s %-34s %-28s %s", job, spec, last, at(missed), at(next)), " "))
		}
	}
	fmt.Fprintln(w, sinceText(agenda))
	return nil
}

func sinceText(agenda jobs.Agenda) string {
	switch {
	case agenda.Busy:
		return "A run has the ledger: last and missed runs are shown when it has ended."
	case agenda.Since.IsZero():
		return "`claimsaudit serve` has never run here: nothing counts as missed."
	}
	return "Served since " + agenda.Since.In(pipeline.Shanghai).Format(toMinute) + "."
}

// nextTexts are the next times; where a calendar ends the list does, and says so.
func nextTexts(l jobs.AgendaLine) []string {
	var texts []string
	for _, t := range l.Next {
		texts = append(texts, t.In(pipeline.Shanghai).Format(toMinute))
	}
	if l.Blocked != nil {
		texts = append(texts, "not known: "+l.Blocked.Error())
	}
	return texts
}

func lastText(agenda jobs.Agenda, l jobs.AgendaLine) string {
	if l.Last == nil {
		if agenda.Busy {
			return "-"
		}
		return "never"
	}
	state := l.Last.State
	if l.Last.ExitCode != 0 {
		state += fmt.Sprintf(" (%d)", l.Last.ExitCode)
	}
	return state + " " + l.Last.StartedAt.Format(time.DateTime)
}

func missedTexts(agenda jobs.Agenda, l jobs.AgendaLine) []string {
	const shown = 4 // of the oldest; the last line counts the others
	if agenda.Busy {
		return []string{"-"}
	}
	if len(l.Missed) == 0 {
		return []string{"none"}
	}
	var texts []string
	for i, m := range l.Missed {
		if i == shown && len(l.Missed) > shown+1 {
			return append(texts, fmt.Sprintf("and %d more", len(l.Missed)-shown))
		}
		text := m.Key + " " + string(m.State)
		if m.State == jobs.DueWaiting {
			text += " until " + m.RetryAt.In(pipeline.Shanghai).Format("15:04")
		}
		texts = append(texts, text)
	}
	return texts
}

// agendaJSON is the agenda for programs; times are RFC 3339 in Asia/Shanghai.
type agendaJSON struct {
	Job      jobs.Job     `json:"job"`
	Schedule string       `json:"schedule"`
	Last     *lastJSON    `json:"last"`
	Missed   []missedJSON `json:"missed"`
	Next     []string     `json:"next"`
	Problem  string       `json:"problem,omitempty"`
}

type lastJSON struct {
	RunID    string `json:"run_id"`
	State    string `json:"state"`
	ExitCode int    `json:"exit_code"`
	Started  string `json:"started"`
}

type missedJSON struct {
	Key     string        `json:"key"`
	Due     string        `json:"due"`
	State   jobs.DueState `json:"state"`
	Attempt int           `json:"attempt"`
	RetryAt string        `json:"retry_at,omitempty"`
	Error   string        `json:"error,omitempty"`
}

func writeAgendaJSON(w io.Writer, agenda jobs.Agenda) error {
	stamp := func(t time.Time) string { return t.In(pipeline.Shanghai).Format(time.RFC3339) }
	all := []agendaJSON{}
	for _, l := range agenda.Lines {
		out := agendaJSON{Job: l.Job, Schedule: l.Spec, Missed: []missedJSON{}, Next: []string{}}
		for _, t := range l.Next {
			out.Next = append(out.Next, stamp(t))
		}
		if l.Blocked != nil {
			out.Problem = l.Blocked.Error()
		}
		if l.Last != nil {
			started := l.Last.StartedAt // wall time without zone
			out.Last = &lastJSON{l.Last.ID, l.Last.State, l.Last.ExitCode, started.Format("2006-01-02T15:04:05") + "+08:00"}
		}
		for _, m := range l.Missed {
			j := missedJSON{Key: m.Key, Due: stamp(m.FireAt), State: m.State, Attempt: m.Attempt, Error: m.Error}
			if m.State == jobs.DueWaiting {
				j.RetryAt = stamp(m.RetryAt)
			}
			out.Missed = append(out.Missed, j)
		}
		all = append(all, out)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}

// printAgenda is the short form for status: one line for each job.
func printAgenda(w io.Writer, agenda jobs.Agenda) {
	for _, l := range agenda.Lines {
		next := "never"
		if len(l.Next) > 0 {
			next = l.Next[0].In(pipeline.Shanghai).Format(toMinute)
		} else if l.Blocked != nil {
			next = "not known: " + l.Blocked.Error()
		}
		fmt.Fprintf(w, "%-13s last %s; missed %s; next %s\n", l.Job, lastText(agenda, l), strings.Join(missedTexts(agenda, l), ", "), next)
	}
	if agenda.Suspect != nil {
		fmt.Fprintf(w, "clock      %s\n", agenda.Suspect)
	}
}
