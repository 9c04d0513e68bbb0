-- Ids stay, so that nobody tells it anew. $1 run
update workflow_said set text = '' where workflow_run_id = $1 and text <> ''
