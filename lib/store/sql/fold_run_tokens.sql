-- Tokens and cost, all from one source: the most believed report that tells them, else the answers that count for this run. What
-- a stream or a transcript says in sum is one session's, or a part of it: where the run's answers are more than that (a tool of
-- it started a client of its own, or there were several), it is not the run's.
-- An answer without a price leaves the cost unknown. $1 run
update workflow_runs set (input_tokens, output_tokens, total_tokens, cache_read_tokens, cache_write_tokens, cost_estimate) = (
  select input, output, input + output, cache_read, cache_write, cost from (
    select coalesce(p.source_rank, 100) as source_rank,
      case when p.source_rank is null then a.input else coalesce(p.input_tokens, 0) end as input,
      case when p.source_rank is null then a.output else coalesce(p.output_tokens, 0) end as output,
      case when p.source_rank is null then a.cache_read else coalesce(p.cache_read_tokens, 0) end as cache_read,
      case when p.source_rank is null then a.cache_write else coalesce(p.cache_write_tokens, 0) end as cache_write,
      case when p.source_rank is null then a.cost else p.cost_estimate end as cost
    from (
      select cast(coalesce(sum(u.input_tokens), 0) as bigint) as input, cast(coalesce(sum(u.output_tokens), 0) as bigint) as output,
        cast(coalesce(sum(u.cache_read_tokens), 0) as bigint) as cache_read,
        cast(coalesce(sum(u.cache_write_tokens), 0) as bigint) as cache_write,
        case when count(*) = count(u.cost_estimate) then sum(u.cost_estimate) end as cost
      from workflow_usage u join workflow_runs r on r.id = u.workflow_run_id
      where u.workflow_run_id = $1 and not exists (
        select 1 from workflow_usage o join workflow_runs b on b.id = o.workflow_run_id
        where o.response_id = u.response_id and o.workflow_run_id <> u.workflow_run_id and (b.started_at, b.id) < (r.started_at, r.id))
    ) as a left join workflow_run_reports p on p.workflow_run_id = $1 and (p.input_tokens is not null or p.cost_estimate is not null)
      and (p.source not in ('stream', 'transcript') or (coalesce(p.input_tokens, a.input) >= a.input and coalesce(p.output_tokens, a.output) >= a.output
        and coalesce(p.cache_read_tokens, a.cache_read) >= a.cache_read
        and coalesce(p.cache_write_tokens, a.cache_write) >= a.cache_write))
  ) as sources
  order by source_rank limit 1)
where id = $1 and (exists (select 1 from workflow_usage u where u.workflow_run_id = $1) or exists (
  select 1 from workflow_run_reports p
  where p.workflow_run_id = $1 and (p.input_tokens is not null or p.cost_estimate is not null)))
