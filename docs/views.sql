-- Views of traces for DuckDB: any number of them, as sweep, collect or record left them.
--     set variable traces = 'out/crossover/runs';
--     .read docs/views.sql
-- Partitions of a sweep (strategy=.../seed=...) are columns; "trace" is the folder of a run.

-- What each run says of itself: window, clock and specification.
create or replace view runs as
select parse_dirpath(filename) as trace, source, state, clock_hz, cpus,
    window_start_cycle, window_end_cycle, (window_end_cycle - window_start_cycle) / clock_hz as window_s,
    spec->>'strategy_settings' as strategy_settings, spec->>'workload' as workload,
    (spec->>'threads')::int as threads, (spec->>'seed')::bigint as seed
from read_json(getvariable('traces') || '/**/run.json', filename = true, union_by_name = true,
    columns = {source: 'varchar', state: 'varchar', clock_hz: 'bigint', cpus: 'int', window_start_cycle: 'bigint',
        window_end_cycle: 'bigint', spec: 'json'});

-- Kernel events of the measured windows.
create or replace view events as
select e.*, runs.clock_hz
from (select *, parse_dirpath(filename) as trace
    from read_parquet(getvariable('traces') || '/**/events-*.parquet', filename = true, union_by_name = true)) as e
join runs using (trace)
where cycle >= window_start_cycle and cycle < window_end_cycle;

-- Exact counts of the measured windows, one row for each counter of a run.
create or replace view totals as
select trace, name, sum(value)::bigint as value
from (select *, parse_dirpath(filename) as trace
    from read_parquet(getvariable('traces') || '/**/counters-*.parquet', filename = true, union_by_name = true)) as c
join runs using (trace)
where start_cycle is null or (end_cycle > window_start_cycle and start_cycle < window_end_cycle)
group by all;

-- The figures that most questions are about, as analyze has them.
create or replace view figures as
select trace, strategy_settings, workload, threads, seed,
    ops / window_s as throughput_ops_per_s,
    1e6 * aborts / ops as aborts_per_mop,
    aborts / interruptions as aborts_per_interruption,
    preemptions / (cpus * window_s) as preemptions_per_cpu_s
from (pivot totals on name in ('ops', 'aborts', 'interruptions', 'preemptions') using sum(value) group by trace)
join runs using (trace);

-- Where sections were aborted.
create or replace view abort_sites as
select trace, section, "offset", causes, count(*) as aborts
from events where kind = 'abort' group by all;
