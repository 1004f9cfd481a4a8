package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/mail"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// statementsRunID stands for the command in the ledger of mail and in the lock; it is no run.
const statementsRunID = "statements"

// mailInstitution is the kind of mail that brings an institution its statement.
const mailInstitution = "institution"

// letterTo is a mail ready to be queued.
type letterTo struct {
	message warehouse.Message
	notice  report.Notice
}

// make writes the files, on as many processors as there are, while the published database is read once.
func (s *statementsRun) make(ctx context.Context) ([]MadeStatement, error) {
	mart, err := warehouse.OpenMart(ctx, s.PublishedPath())
	if err != nil {
		return nil, err
	}
	defer mart.Close()
	if err := s.readKnown(ctx); err != nil {
		return nil, err
	}
	var claims []*report.Claim
	var lines int64
	err = report.EachClaim(ctx, mart, s.meta, func(c *report.Claim) error {
		lines += int64(len(c.Lines))
		if len(s.req.Institutions) == 0 || slices.Contains(s.req.Institutions, c.Code) {
			s.complete(c)
			claims = append(claims, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if lines != s.lines {
		return nil, &pipeline.Error{Kind: pipeline.KindInternal, Op: "write statements", Where: s.PublishedPath(),
			Err: fmt.Errorf("it has %d lines of statement %s, which has %d", lines, s.meta.StatementNo, s.lines), Hint: "publish again with `claimsaudit run nightly`"}
	}
	if err := s.checkAsked(claims); err != nil {
		return nil, err
	}
	if len(claims) == 0 {
		return nil, nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, noticeFileError(s.dir, err)
	}
	return s.render(ctx, claims)
}

// render gives each processor the next statement; the first error ends all.
func (s *statementsRun) render(ctx context.Context, claims []*report.Claim) ([]MadeStatement, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	made, letters := make([]MadeStatement, len(claims)), make([][]letterTo, len(claims))
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(cmp.Or(s.Config.Settings.Threads, runtime.NumCPU()), 1) {
		workers.Go(func() {
			for i := range next {
				var err error
				if made[i], letters[i], err = s.one(ctx, claims[i]); err != nil {
					cancel(err)
					return
				}
				claims[i] = nil // a hospital's month is large
			}
		})
	}
	s.startProgress("write statements", int64(len(claims)))
	for i := range claims {
		select {
		case next <- i:
			s.addProgress(1)
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	workers.Wait()
	s.endProgress()
	s.letters = slices.Concat(letters...)
	if err := context.Cause(ctx); errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil, interrupted("write statements", err)
	} else if err != nil {
		return nil, err
	}
	return made, nil
}

// one writes the two files of an institution and makes its mails.
func (s *statementsRun) one(ctx context.Context, c *report.Claim) (m MadeStatement, letters []letterTo, err error) {
	if err := ctx.Err(); err != nil {
		return m, nil, err
	}
	book, err := c.Book(ctx, s.dir)
	if err != nil {
		return m, nil, err
	}
	page, err := s.page.Write(c)
	if err != nil {
		return m, nil, err
	}
	m = MadeStatement{Code: c.Code, Withheld: int64(c.Withheld), Recovered: int64(c.Recovered), Released: int64(c.Released), Lines: len(c.Lines)}
	for _, form := range []struct {
		extension string
		content   []byte
	}{{".xlsx", book}, {".html", page}} {
		path, state, err := keepDocument(s.dir, c.FileName, form.extension, form.content)
		if err != nil {
			return m, nil, err
		}
		m.Paths, m.States = append(m.Paths, path), append(m.States, state)
	}
	if s.req.Send {
		m.Serving, letters, err = s.lettersOf(c, book, page)
	}
	return m, letters, err
}

// lettersOf makes a mail for each address that never had one of this statement.
func (s *statementsRun) lettersOf(c *report.Claim, book, page []byte) (serving string, letters []letterTo, err error) {
	settings := &s.Config.Operation.Mail
	to, password := settings.Institutions[c.Code], string(settings.InstitutionPasswords[c.Code])
	switch {
	case len(to) == 0:
		return ServeNoAddress, nil, nil
	case password == "" && !settings.InstitutionsUnencrypted:
		return ServeNoPassword, nil, nil
	}
	ids := map[string]string{}
	for _, address := range to {
		if id := s.messageID(mailInstitution, s.meta.StatementNo, c.Code, strings.ToLower(address)); !s.known[id] {
			ids[address] = id
		}
	}
	if len(ids) == 0 {
		return ServeBefore, nil, nil
	}
	name := strings.TrimLeft(strings.ReplaceAll(c.FileName, "=", "_"), ".")
	attachments := []warehouse.Attachment{{Name: name + ".xlsx", Content: book}, {Name: name + ".html", Content: page}}
	if password != "" {
		if attachments[0].Content, err = report.Protect(book, password); err != nil {
			return "", nil, err
		}
		attachments = attachments[:1] // a page cannot be locked
	}
	size := 0
	for _, a := range attachments {
		size += mail.Encoded(len(a.Content))
	}
	if size > settings.AttachmentLimitMB<<20 {
		return ServeTooLarge, nil, nil
	}
	notice := report.ClaimNotice(c, password != "")
	for _, address := range to {
		if id := ids[address]; id != "" {
			letters = append(letters, letterTo{notice: notice, message: warehouse.Message{ID: id, Kind: mailInstitution, RunID: statementsRunID,
				Period: s.req.Period.String(), Recipients: []string{address}, Attachments: attachments}})
		}
	}
	return ServeQueued, letters, nil
}

// checkAsked refuses an institution that the statement does not concern, before anything is written.
func (s *statementsRun) checkAsked(claims []*report.Claim) error {
	var problems []error
	for _, code := range s.req.Institutions {
		if !slices.ContainsFunc(claims, func(c *report.Claim) bool { return c.Code == code }) {
			problems = append(problems, statementsError(code, fmt.Errorf("statement %s has no line of this institution", s.meta.StatementNo),
				"check the code; `claimsaudit query \"SELECT DISTINCT fixmedins_code FROM mart.statement_line WHERE issued_in = '"+s.req.Period.String()+"'\"` lists those it has"))
		}
	}
	return errors.Join(problems...)
}

// readKnown reads which mails of the month were made before, whatever became of them.
func (s *statementsRun) readKnown(ctx context.Context) error {
	s.known = map[string]bool{}
	if !s.req.Send {
		return nil
	}
	return s.db.Query(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		s.known[id] = true
		return err
	}, "SELECT message_id FROM meta.message WHERE kind = ? AND period = ?", mailInstitution, s.req.Period.String())
}

// queueLetters puts the mails into the outbox; one that is there already is not made again.
func (s *statementsRun) queueLetters(ctx context.Context) error {
	for _, l := range s.letters {
		if err := ctx.Err(); err != nil {
			return interrupted("queue statements", err)
		}
		if _, err := s.queue(ctx, s.db, l.message, l.notice); err != nil {
			return err
		}
	}
	s.letters = nil
	return nil
}
