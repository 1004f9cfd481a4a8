-- Lines are ranked by the number of their settlement, and the shares of lines that do not pay are looked up in a table of
-- their own.
ALTER TABLE audit.line_floor ADD COLUMN settlement_no INTEGER;
CREATE TABLE audit.decided_share (
  setl_id VARCHAR USING COMPRESSION uncompressed, feedetl_sn VARCHAR USING COMPRESSION uncompressed, fund_cents BIGINT);
