-- renames: table clicks:page_clicks, page_clicks.ms:duration

-- upgrade
RENAME TABLE clicks TO page_clicks;

ALTER TABLE page_clicks RENAME COLUMN ms TO duration;

-- rollback
ALTER TABLE page_clicks RENAME COLUMN duration TO ms;

RENAME TABLE page_clicks TO clicks;
