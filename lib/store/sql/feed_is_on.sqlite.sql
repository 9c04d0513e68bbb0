-- Is this store fed to another?
select 1 from workflow_feeds
