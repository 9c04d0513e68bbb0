-- Tables, the largest first: rows, bytes with their indexes, bytes of the rows alone. Reads every page once.
select s.tbl_name,
  sum(case when s.type = 'table' and (d.pagetype <> 'internal' or l.wr) then d.ncell else 0 end),
  sum(d.pgsize),
  sum(case when s.type = 'table' then d.payload else 0 end)
from dbstat d
join sqlite_schema s on s.name = d.name
join pragma_table_list l on l.schema = 'main' and l.name = s.tbl_name
where s.tbl_name not like 'sqlite%'
group by s.tbl_name
order by 3 desc, 1
