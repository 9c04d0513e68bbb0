-- Up to which place kept events are of some size together: always one, if any is left; else null. $1 after which place, $2 up to
-- which at most, $3 bytes
select max(place) from (
  select place, sum(octet_length(payload)) over (order by place) - octet_length(payload) as before
  from runwake_import where place > $1 and place <= $2) sized
where before < $3
