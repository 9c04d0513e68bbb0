-- $1 url, $2 now
insert into workflow_feeds (url, since) values ($1, $2)
