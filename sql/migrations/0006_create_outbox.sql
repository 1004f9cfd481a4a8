-- The outbox: what is to be mailed, written in the transaction of the run that made it, and what became of it. A message
-- stays for good, so that it is never made twice; housekeeping takes its content when it is no longer needed.
CREATE TABLE meta.message (
  message_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, run_id VARCHAR NOT NULL, period VARCHAR, created_at TIMESTAMP NOT NULL,
  subject VARCHAR NOT NULL, body_text VARCHAR NOT NULL, body_html VARCHAR NOT NULL, purged_at TIMESTAMP);

CREATE TABLE meta.message_attachment (
  message_id VARCHAR NOT NULL, name VARCHAR NOT NULL, content BLOB NOT NULL);

-- state: queued, sending, sent, refused, gave_up. A row is sending only while an attempt lasts.
-- is_ambiguous: an attempt ended without an answer, so the recipient may have the message twice. told_by: the alarm that
-- told of a refused or given up recipient.
CREATE TABLE meta.message_recipient (
  message_id VARCHAR NOT NULL, address VARCHAR NOT NULL, state VARCHAR NOT NULL, attempts INTEGER NOT NULL, next_at TIMESTAMP NOT NULL,
  last_error VARCHAR, sent_at TIMESTAMP, is_ambiguous BOOLEAN NOT NULL, told_by VARCHAR);
