-- Repositories with news that nobody has observed yet, whosever they are.
select repository_id from workflow_unobserved
