-- Repositories with news.
select repository_id from workflow_unobserved
