-- What the points record says of each day, expired days included, beside what the registry says: a list no verdict looks at.
CREATE TABLE core.points_status (practitioner_code VARCHAR, severity INTEGER, from_day INTEGER, to_day INTEGER);
