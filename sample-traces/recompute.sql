-- Recomputes the numbers of expected.json from a trace alone. In the folder of a trace: duckdb < ../recompute.sql
-- Counters are exact and cover the measured window; events are those of the whole trace, warm-up included.
select 'abort_rows' as name, count(*)::bigint as value
from 'events-*.parquet' where kind = 'abort'
union all
select 'aborts_of_causes_' || bucket, sum(value)::bigint
from 'counters-*.parquet' where name = 'abort_causes' group by bucket
union all
select name, sum(value)::bigint
from 'counters-*.parquet'
where name in ('aborts', 'interruptions', 'preemptions', 'signals', 'migrations', 'ops')
group by name
order by name;
