package warehouse

import (
	"context"
	"path/filepath"
	"testing"
	"time"
)

func openOutbox(t *testing.T) *DB {
	t.Helper()
	dir := t.TempDir()
	db, err := Open(context.Background(), Options{Path: filepath.Join(dir, "w.duckdb"), TempDir: dir, MemoryLimitMB: 200, Key: []byte("key")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

var written = time.Date(2025, 4, 3, 6, 0, 0, 0, time.UTC)

func letter(id string, to ...string) Message {
	return Message{ID: id, Kind: "monthly", RunID: "r1", Period: "2025-03", CreatedAt: written, Subject: "题", Text: "文", HTML: "页",
		Attachments: []Attachment{{Name: "a.xlsx", Content: []byte{0, 1, 255}}}, Recipients: to}
}

func queue(t *testing.T, db *DB, m Message, want bool) {
	t.Helper()
	if queued, err := db.QueueMessage(context.Background(), m); err != nil || queued != want {
		t.Fatalf("queued %v, %v", queued, err)
	}
}

// A message is queued once, comes back as it was written, and rolls back with what it tells of.
func TestMessagesAreQueuedOnce(t *testing.T) {
	db, ctx := openOutbox(t), context.Background()
	queue(t, db, letter("nobody"), false)
	_ = db.Tx(ctx, func() error {
		queue(t, db, letter("m1", "a@b.cn"), true)
		return context.Canceled
	})
	queue(t, db, letter("m1", "a@b.cn", "c@d.cn"), true)
	queue(t, db, letter("m1", "e@f.cn"), false)
	m, err := db.Message(ctx, "m1")
	if err != nil || len(m.Recipients) != 2 || m.Subject != "题" || m.Text != "文" || m.HTML != "页" || !m.CreatedAt.Equal(written) || m.Period != "2025-03" ||
		len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "\x00\x01\xff" {
		t.Fatalf("%+v, %v", m, err)
	}
	o, err := db.Outbox(ctx)
	if err != nil || o.Waiting != 2 || !o.Oldest.Equal(written) || !o.NextAt.Equal(written) {
		t.Errorf("%+v, %v", o, err)
	}
}

// A picture comes back with its id; a message that an earlier program queued has attachments only, and none.
func TestPicturesOfMessages(t *testing.T) {
	db, ctx := openOutbox(t), context.Background()
	m := letter("new", "a@b.cn")
	m.Attachments = append(m.Attachments, Attachment{Name: "bar.png", Content: []byte{1}, ContentID: "bar@b.cn"})
	queue(t, db, m, true)
	queue(t, db, letter("old", "a@b.cn"), true)
	if err := db.exec(ctx, "INSERT INTO meta.message_attachment (message_id, name, content) VALUES ('old', 'b.html', 'x')"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string][]string{"new": {"", "bar@b.cn"}, "old": {"", ""}} {
		got, err := db.Message(ctx, id)
		if err != nil || len(got.Attachments) != 2 || got.Attachments[0].ContentID != want[0] || got.Attachments[1].ContentID != want[1] {
			t.Errorf("%s: %+v, %v", id, got.Attachments, err)
		}
	}
}

// Housekeeping takes the content of what nobody waits for; that it was sent stays known.
func TestPurgedMessagesAreNotSentAgain(t *testing.T) {
	db, ctx := openOutbox(t), context.Background()
	queue(t, db, letter("sent", "a@b.cn", "c@d.cn"), true)
	queue(t, db, letter("waiting", "a@b.cn"), true)
	due, err := db.DueRecipients(ctx, written, time.Hour, false)
	if err != nil || len(due) != 3 {
		t.Fatal(due, err)
	}
	for _, r := range due {
		if r.MessageID == "sent" {
			r.State, r.SentAt = MailSent, written
			if r.Address == "c@d.cn" {
				r.State, r.SentAt = MailRefused, time.Time{}
			}
			if err := db.MarkRecipient(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n, _, err := db.PurgeOutbox(ctx, written, written); n != 0 || err != nil {
		t.Errorf("purged %d of today, %v", n, err)
	}
	later := written.AddDate(0, 3, 0)
	for i, want := range []int64{1, 0} {
		// 文, 页 and the attachment: nine bytes
		if n, bytes, err := db.PurgeOutbox(ctx, later, later); n != want || bytes != 9*want || err != nil {
			t.Errorf("pass %d purged %d of %d bytes, %v", i, n, bytes, err)
		}
	}
	queue(t, db, letter("sent", "a@b.cn"), false)
	if m, err := db.Message(ctx, "sent"); err != nil || m.Text != "" || len(m.Attachments) != 0 {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := db.Message(ctx, "waiting"); err != nil || m.Text == "" || len(m.Attachments) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}

// A warehouse of an earlier program has no outbox, and status must be able to look at it.
func TestWarehouseWithoutOutbox(t *testing.T) {
	db, ctx := openOutbox(t), context.Background()
	if err := db.exec(ctx, "DROP TABLE meta.message_recipient"); err != nil {
		t.Fatal(err)
	}
	if o, err := db.Outbox(ctx); err != nil || o.Waiting != 0 {
		t.Errorf("%+v, %v", o, err)
	}
}
