-- A picture within a mail is a part like an attachment, with the id by which the page refers to it; NULL is an attachment.
ALTER TABLE meta.message_attachment ADD COLUMN content_id VARCHAR;
