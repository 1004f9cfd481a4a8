package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Message is a mail in the outbox.
type Message struct {
	ID            string // the Message-ID without brackets
	Kind          string // monthly, daily, alarm or institution
	RunID, Period string
	CreatedAt     time.Time // wall time, as everywhere in the ledger
	Subject       string
	Text, HTML    string
	Attachments   []Attachment
	Recipients    []string
}

// Attachment is a file of a message. ContentID is that by which the page shows it as a picture, "" if it is not one.
type Attachment struct {
	Name      string
	Content   []byte
	ContentID string
}

// The states of a recipient of a message.
const (
	MailQueued  = "queued"
	MailSending = "sending"
	MailSent    = "sent"
	MailRefused = "refused"
	MailGaveUp  = "gave_up"
)

// Recipient is one recipient of one message, and what became of it.
type Recipient struct {
	MessageID, Kind, Address string
	State                    string
	Attempts                 int
	CreatedAt                time.Time // of the message
	NextAt                   time.Time
	LastError                string
	SentAt                   time.Time // zero unless sent
	IsAmbiguous              bool
}

// QueueMessage puts a message into the outbox unless it has been there before, and reports whether it did. Call inside
// the transaction of what the message tells of.
func (db *DB) QueueMessage(ctx context.Context, m Message) (queued bool, err error) {
	err = db.Tx(ctx, func() error {
		var known int64
		if err := db.Row(ctx, "SELECT count(*) FROM meta.message WHERE message_id = ?", []any{&known}, m.ID); err != nil {
			return fmt.Errorf("queue mail: %w", err)
		}
		if known > 0 || len(m.Recipients) == 0 {
			return nil
		}
		if err := db.exec(ctx, "INSERT INTO meta.message VALUES (?, ?, ?, nullif(?, ''), ?, ?, ?, ?, NULL)",
			m.ID, m.Kind, m.RunID, m.Period, m.CreatedAt, m.Subject, m.Text, m.HTML); err != nil {
			return diskError("queue mail", m.ID, err)
		}
		for _, a := range m.Attachments {
			if err := db.exec(ctx, "INSERT INTO meta.message_attachment (message_id, name, content, content_id) VALUES (?, ?, ?, nullif(?, ''))",
				m.ID, a.Name, a.Content, a.ContentID); err != nil {
				return diskError("queue mail", m.ID, err)
			}
		}
		for _, address := range m.Recipients {
			if err := db.exec(ctx, "INSERT INTO meta.message_recipient VALUES (?, ?, 'queued', 0, ?, NULL, NULL, false, NULL)", m.ID, address, m.CreatedAt); err != nil {
				return diskError("queue mail", m.ID, err)
			}
		}
		queued = true
		return nil
	})
	return queued, err
}

// RecoverSending puts back what a process that died was sending, marked: whether it arrived is not known. Call before
// sending, under the lock of the data directory.
func (db *DB) RecoverSending(ctx context.Context, now time.Time) error {
	err := db.exec(ctx, `UPDATE meta.message_recipient SET state = 'queued', is_ambiguous = true, next_at = ?,
last_error = 'the program was stopped while sending' WHERE state = 'sending'`, now)
	return diskError("read outbox", db.path, err)
}

// DueRecipients lists who is to be sent to now, oldest message first, or everyone who waits. Whoever waits longer than
// longest has a time from a clock that was set back since, and is due.
func (db *DB) DueRecipients(ctx context.Context, now time.Time, longest time.Duration, everyone bool) ([]Recipient, error) {
	var due []Recipient
	err := db.Query(ctx, func(rows *sql.Rows) error {
		r := Recipient{State: MailQueued}
		err := rows.Scan(&r.MessageID, &r.Kind, &r.Address, &r.Attempts, &r.CreatedAt, &r.NextAt, &r.IsAmbiguous)
		due = append(due, r)
		return err
	}, `SELECT r.message_id, m.kind, r.address, r.attempts, m.created_at, r.next_at, r.is_ambiguous
FROM meta.message_recipient r JOIN meta.message m USING (message_id)
WHERE r.state = 'queued' AND (? OR r.next_at <= ? OR r.next_at > ?)
ORDER BY m.created_at, r.message_id, r.address`, everyone, now, now.Add(longest))
	return due, err
}

// Message reads a message with its attachments and all of its recipients.
func (db *DB) Message(ctx context.Context, id string) (Message, error) {
	m := Message{ID: id}
	var period sql.NullString
	err := db.Row(ctx, "SELECT kind, run_id, period, created_at, subject, body_text, body_html FROM meta.message WHERE message_id = ?",
		[]any{&m.Kind, &m.RunID, &period, &m.CreatedAt, &m.Subject, &m.Text, &m.HTML}, id)
	if err != nil {
		return m, fmt.Errorf("read mail %s: %w", id, err)
	}
	m.Period = period.String
	err = db.Query(ctx, func(rows *sql.Rows) error {
		var a Attachment
		err := rows.Scan(&a.Name, &a.Content, &a.ContentID)
		m.Attachments = append(m.Attachments, a)
		return err
	}, "SELECT name, content, coalesce(content_id, '') FROM meta.message_attachment WHERE message_id = ? ORDER BY name", id)
	if err != nil {
		return m, err
	}
	return m, db.Query(ctx, func(rows *sql.Rows) error {
		var address string
		err := rows.Scan(&address)
		m.Recipients = append(m.Recipients, address)
		return err
	}, "SELECT address FROM meta.message_recipient WHERE message_id = ? ORDER BY address", id)
}

// MarkRecipient records where a recipient of a message stands.
func (db *DB) MarkRecipient(ctx context.Context, r Recipient) error {
	var sentAt any
	if !r.SentAt.IsZero() {
		sentAt = r.SentAt
	}
	err := db.exec(ctx, `UPDATE meta.message_recipient SET state = ?, attempts = ?, next_at = ?, last_error = nullif(?, ''), sent_at = ?, is_ambiguous = ?
WHERE message_id = ? AND address = ?`, r.State, r.Attempts, r.NextAt, r.LastError, sentAt, r.IsAmbiguous, r.MessageID, r.Address)
	return diskError("record mail", r.MessageID, err)
}

// UntoldLosses lists the recipients who will not get their message and of whom no alarm has told yet; messages of the
// kind except are not worth one.
func (db *DB) UntoldLosses(ctx context.Context, except string) ([]Recipient, error) {
	var lost []Recipient
	err := db.Query(ctx, func(rows *sql.Rows) error {
		var r Recipient
		err := rows.Scan(&r.MessageID, &r.Kind, &r.Address, &r.State, &r.CreatedAt)
		lost = append(lost, r)
		return err
	}, `SELECT r.message_id, m.kind, r.address, r.state, m.created_at FROM meta.message_recipient r JOIN meta.message m USING (message_id)
WHERE r.state IN ('refused', 'gave_up') AND r.told_by IS NULL AND m.kind <> ? ORDER BY m.created_at, r.message_id, r.address`, except)
	return lost, err
}

// MarkTold notes which alarm told of them; if it was not made today any more, they wait for the next one.
func (db *DB) MarkTold(ctx context.Context, by string, lost []Recipient) error {
	for _, r := range lost {
		if err := db.exec(ctx, "UPDATE meta.message_recipient SET told_by = ? WHERE message_id = ? AND address = ?", by, r.MessageID, r.Address); err != nil {
			return diskError("record mail", r.MessageID, err)
		}
	}
	return nil
}

// Outbox is the state of the outbox at a glance.
type Outbox struct {
	Waiting         int       // recipients not sent to yet
	Oldest          time.Time // when the oldest of their messages was made, zero without one
	NextAt          time.Time // when the next of them is due
	Refused, GaveUp int       // of all messages whose content is still kept
}

// Outbox counts what waits. A warehouse that was made before there was an outbox has an empty one.
func (db *DB) Outbox(ctx context.Context) (o Outbox, err error) {
	var exists int64
	if err := db.Row(ctx, "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = 'message_recipient'", []any{&exists}); err != nil {
		return o, fmt.Errorf("read outbox: %w", err)
	}
	if exists == 0 {
		return o, nil
	}
	var oldest, next sql.NullTime
	err = db.Row(ctx, `SELECT count(*) FILTER (WHERE r.state IN ('queued', 'sending')), min(m.created_at) FILTER (WHERE r.state IN ('queued', 'sending')),
  min(r.next_at) FILTER (WHERE r.state IN ('queued', 'sending')), count(*) FILTER (WHERE r.state = 'refused'), count(*) FILTER (WHERE r.state = 'gave_up')
FROM meta.message_recipient r JOIN meta.message m USING (message_id) WHERE m.purged_at IS NULL`,
		[]any{&o.Waiting, &oldest, &next, &o.Refused, &o.GaveUp})
	o.Oldest, o.NextAt = oldest.Time, next.Time
	return o, err
}

// Undelivered counts the recipients whom a run's messages have not reached, and those of former messages about the
// same report (a kind and a period, "" for none) who still wait.
func (db *DB) Undelivered(ctx context.Context, runID, kind, period string) (n int, err error) {
	err = db.Row(ctx, `SELECT count(*) FROM meta.message_recipient r JOIN meta.message m USING (message_id)
WHERE r.state <> 'sent' AND m.run_id = ? OR r.state = 'queued' AND m.kind = ? AND m.period = ?`, []any{&n}, runID, kind, period)
	return n, err
}

// PurgeOutbox drops words and attachments of messages made before a time that nobody waits for any more. That they
// were sent, and to whom, stays. It returns how many messages and how many bytes.
func (db *DB) PurgeOutbox(ctx context.Context, before, now time.Time) (purged, bytes int64, err error) {
	const done = `created_at < ? AND purged_at IS NULL
  AND message_id NOT IN (SELECT message_id FROM meta.message_recipient WHERE state IN ('queued', 'sending'))`
	err = db.Tx(ctx, func() error {
		if err := db.Row(ctx, `SELECT count(*), CAST(coalesce(sum(strlen(body_text) + strlen(body_html)), 0) AS BIGINT) + (SELECT CAST(coalesce(sum(octet_length(content)), 0) AS BIGINT)
  FROM meta.message_attachment WHERE message_id IN (SELECT message_id FROM meta.message WHERE `+done+`))
FROM meta.message WHERE `+done, []any{&purged, &bytes}, before, before); err != nil {
			return err
		}
		if purged == 0 {
			return nil
		}
		return errors.Join(
			db.exec(ctx, "DELETE FROM meta.message_attachment WHERE message_id IN (SELECT message_id FROM meta.message WHERE "+done+")", before),
			db.exec(ctx, "UPDATE meta.message SET purged_at = ?, body_text = '', body_html = '' WHERE "+done, now, before))
	})
	return purged, bytes, diskError("purge outbox", db.path, err)
}
