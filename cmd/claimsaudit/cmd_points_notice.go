package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"claimsaudit/jobs"
	"claimsaudit/pipeline"

	"github.com/spf13/cobra"
)

func (a *app) pointsNoticeCommand() *cobra.Command {
	var due bool
	var asOf, facts, out string
	cmd := &cobra.Command{
		Use:   "notice DECISION_NO... | --due",
		Short: "Write the notice of intended points or the decision notice as .docx",
		Long: `Writes the notice of intended points (记分处理告知书, Art. 35) for a proposed decision and the decision notice
(处理通知书, Art. 36) for a final one, filled from the templates of the settings, section "documents".

All decisions about one person of one day, proposed or final, make one measure and so one document; it
is named after the smallest number: DATA/reports/documents/notice-NO.docx or decision-NO.docx, mode
0600. It holds the person's name in full. What is not known (contact, facts of the case, a date) is a
line to write on. Totals, measure and block are those of the day of the decision, so a document written
again is the same; one that would differ from what lies there is written beside it, as NO+2, NO+3.

--due writes all that are still to be served: proposed decisions without a date of service, final ones
without one on or after the day of the decision. Served later, deliver notice_served_on. A decision
dated after the as-of day is not due, and asked for by its number an error.
Ends with 2 if a decision is unknown, revoked, dated later or without effect, or --out cannot be written;
the others are written all the same.`,
		Example: "  claimsaudit points notice JF2025030012 --facts case.txt\n  claimsaudit points notice --due --as-of 2025-04-02 --out to-sign",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case due && len(args) > 0:
				return usageError{errors.New("give the numbers of decisions or --due, not both")}
			case !due && len(args) == 0:
				return usageError{errors.New("give the number of a decision, or --due for all that are still to be served")}
			case due && facts != "":
				return usageError{errors.New("--facts belongs to the decisions of one person: give their number instead of --due")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := a.asOf(asOf)
			if err != nil {
				return err
			}
			req := jobs.DocumentsRequest{Decisions: args, Due: due, AsOf: day, Dir: out}
			if req.Case, err = readFacts(facts); err != nil {
				return err
			}
			runner, err := a.reader()
			if err != nil {
				return err
			}
			made, err := runner.Documents(cmd.Context(), req)
			for _, m := range made {
				printDocument(a.stdout, m)
			}
			if len(made) == 0 && err == nil {
				fmt.Fprintln(a.stdout, "nothing is to be served as of", day.Format(time.DateOnly))
			}
			return lockedHint(err)
		},
	}
	cmd.Flags().BoolVar(&due, "due", false, "all that are still to be served")
	cmd.Flags().StringVar(&facts, "facts", "", "text file with the facts of the case, UTF-8, a paragraph a line")
	cmd.Flags().StringVar(&out, "out", "", "folder to write into (default DATA/reports/documents)")
	asOfFlag(cmd, &asOf)
	return cmd
}

func printDocument(w io.Writer, m jobs.MadeDocument) {
	fmt.Fprintf(w, "%-14s %s\n  decisions    %s\n", m.State, m.Path, strings.Join(m.Decisions, ", "))
	if !m.ServeBy.IsZero() {
		fmt.Fprintf(w, "  serve by     %s\n", m.ServeBy.Format(time.DateOnly))
	}
}

// factsMax is far more than a case needs, and bounds what a wrong path may bring in.
const factsMax = 256 << 10

func readFacts(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	wrong := func(err error, hint string) error {
		return &pipeline.Error{Kind: pipeline.KindUsage, Op: "read facts", Where: path, Err: err, Hint: hint}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, wrong(err, "give the path of a text file with the facts of the case")
	}
	text, err := io.ReadAll(io.LimitReader(file, factsMax+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, wrong(err, "give the path of a text file with the facts of the case")
	}
	switch paragraphs := jobs.CaseText(string(text)); {
	case len(text) > factsMax:
		return nil, wrong(fmt.Errorf("it is larger than %d KB", factsMax>>10), "put the text of the case alone into the file")
	case !utf8.Valid(text):
		return nil, wrong(errors.New("it is not UTF-8"), "save it as plain text in UTF-8; a Word file will not do")
	case strings.ContainsFunc(string(text), func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\r\n", r) }):
		return nil, wrong(errors.New("it is no plain text"), "save it as plain text in UTF-8; a Word file will not do")
	case len(paragraphs) == 0:
		return nil, wrong(errors.New("it is empty"), "write the facts of the case, a paragraph a line")
	default:
		return paragraphs, nil
	}
}
