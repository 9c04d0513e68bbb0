-- No database is fed from now on.
delete from workflow_feeds
