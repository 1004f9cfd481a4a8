-- Whom any delivery of a points decision named: one that is delivered again for another person must not leave the former
-- one's file without a trace. Of deliveries before this migration only the last is known.
CREATE TABLE staging.decision_person (decision_no VARCHAR NOT NULL, prac_psn_code VARCHAR NOT NULL, file_id INTEGER NOT NULL);
INSERT INTO staging.decision_person SELECT decision_no, prac_psn_code, file_id FROM staging.points_decision;
