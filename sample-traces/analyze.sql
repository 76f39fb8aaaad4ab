-- Every number that analyze gives of a trace, computed again from its files alone; but for those of --details,
-- requests, quotas and several block sizes, which the sample traces do not have. In the folder of a trace:
--     duckdb < .../sample-traces/analyze.sql
-- A row is a path in the result, the value, and what it is: a number; the bucket of latencies that a quantile lies in;
-- or the exact quantile in ticks of the clock, of which analyze says the bucket's upper end.

create or replace temp view run as
select clock_hz as hz, cpus, window_start_cycle as s, window_end_cycle as e,
    (window_end_cycle - window_start_cycle) / clock_hz as seconds, threads,
    (spec->>'block_bytes')::bigint as block_bytes
from read_json('run.json', columns = {clock_hz: 'bigint', cpus: 'int', window_start_cycle: 'bigint',
    window_end_cycle: 'bigint', threads: 'struct(thread int, name varchar)[]', spec: 'json'});

create or replace temp view under_test as select unnest(threads).thread as thread from run;

-- Counts of the measured window.
create or replace temp view c as
select counters.* from 'counters-*.parquet' as counters, run
where start_cycle is null or (end_cycle > s and start_cycle < e);

-- Events of the measured window, and all of them.
create or replace temp view every as select * from 'events-*.parquet';
create or replace temp view ev as select every.* from every, run where cycle >= s and cycle < e;

create or replace temp macro total(n) as (select coalesce(sum(value), 0) from c where name = n);
create or replace temp macro total_of(n, o) as (select coalesce(sum(value), 0) from c where name = n and op = o);
create or replace temp macro most(n) as (select coalesce(max(value), 0) from c where name = n);
create or replace temp macro per(a, b) as a::double / nullif(b, 0);

create or replace temp view causes as
select causes, section, "offset", array_to_string(list_transform(list_filter([
        {bit: 1, name: 'preemption'}, {bit: 2, name: 'signal'}, {bit: 4, name: 'migration'},
        {bit: 8, name: 'membarrier'}, {bit: 16, name: 'injected'}, {bit: 32, name: 'stale'},
        {bit: 64, name: 'syscall'}],
        lambda one: causes & one.bit <> 0), lambda one: one.name), '+') as words
from ev where kind = 'abort';

-- Stretches of threads on CPUs; who left first on a CPU was there from the window's start, who is there last stays.
create or replace temp view stretches as
with switches as (select cpu, cycle, sequence, thread, other_thread,
        lag(cycle) over w as since, lag(other_thread) over w as who, lead(cycle) over w as until
    from every where kind = 'switch' window w as (partition by cpu order by sequence))
select cpu, thread, coalesce(since, s) as since, cycle as until, since is not null as whole, true as ended
from switches, run where since is null or who = thread
union all
select cpu, other_thread, cycle, e, false, false from switches, run where until is null;

create or replace temp view ran as
select stretches.*, least(until, e) - greatest(since, s) as ticks, ended and until >= s and until < e as inside,
    whole and since >= s and since < e and until >= s and until < e as measured
from stretches, run where thread in (from under_test);

-- From a switch-out to the next switch-in of a thread.
create or replace temp view absences as
with moves as (select sequence, cycle, thread as who, coalesce(state, 'unknown') as why, false as arrives
    from every where kind = 'switch'
    union all select sequence, cycle, other_thread, null, true from every where kind = 'switch'),
gaps as (select *, lag(cycle) over w as since, lag(arrives) over w as came, lag(why) over w as left_by
    from moves where who in (from under_test) window w as (partition by who order by sequence, arrives desc))
select cycle - since as ticks, left_by from gaps, run
where arrives and not came and since >= s and since < e and cycle >= s and cycle < e;

-- Values whose quantiles analyze takes from buckets.
create or replace temp view valued as
select 'wasted_cycles_per_abort' as path, 1.0 as unit, wasted_cycles as ticks
from ev where kind = 'abort' and wasted_cycles is not null
union all select 'run_time_ns', 1e9 / hz, until - since from ran, run where measured
union all select 'off_cpu_time_ns.all', 1e9 / hz, ticks from absences, run
union all select 'off_cpu_time_ns.' || left_by, 1e9 / hz, ticks from absences, run;

create or replace temp view ranked as
select *, row_number() over (partition by path order by ticks) as place, count(*) over (partition by path) as n
from valued;

-- Operations of intervals, numbered; the second half is the steady one.
create or replace temp view steps as
with sums as (select start_cycle, max(end_cycle) as until, sum(value) as ops from c, run
    where name = 'ops' and start_cycle is not null and end_cycle > greatest(start_cycle, s) group by all)
select *, row_number() over (order by start_cycle) - 1 as i, count(*) over () as n, ops / (until - start_cycle) as rate
from sums;

create or replace temp view steady as
select per(sum(ops), sum(until - start_cycle)) as rate from steps where i >= n // 2;

create or replace temp view ops_of as
select op, total_of('latency', op) as n, total_of('allocator_cycles', op) as cycles,
    (select coalesce(sum(value), 0) from c where name = 'latency' and c.op = ops.op and tier = 0) as fast,
    (select coalesce(sum(value), 0) from c where name = 'allocator_cycles' and c.op = ops.op and tier = 0)
        as fast_cycles
from (values ('malloc'), ('free')) as ops(op);

create or replace temp view counted as
select op, bucket, sum(value) as n, sum(sum(value)) over (partition by op order by bucket) as upto
from c where name = 'latency' group by op, bucket;

create or replace temp view thread_ops as
select thread, sum(value)::double as n from c where name = 'thread_ops' group by thread;

-- The numbers.
select name as path, total(name)::double as value, 'number' as what
from (values ('ops'), ('interruptions'), ('messages'), ('cached_blocks')) as totals(name)
union all
select counters.name, (select count(*) from ev where ev.kind = counters.kind
    and (not tested or thread in (from under_test))
    and (counters.state = '' or ev.state is not distinct from counters.state)), 'number'
from (values ('aborts', 'abort', '', false), ('switches', 'switch', '', false), ('preemptions', 'preempt', '', true),
    ('yields', 'switch', 'yielded', true), ('migrations', 'migrate', '', true), ('wakeups', 'wakeup', '', true),
    ('signals', 'signal', '', false), ('syscalls', 'syscall', '', false),
    ('membarrier_ipis', 'membarrier_ipi', '', false), ('stale_cpu_restarts', 'stale_cpu_restart', '', false))
    as counters(name, kind, state, tested)
union all
select path, per(a, b), 'number' from run, lateral (values
    ('throughput_ops_per_s', total('ops'), seconds),
    ('cycles_per_op', total('user_cycles'), total('ops')),
    ('micro_ops_per_op', total('micro_ops'), total('ops')),
    ('cpu_share.user', total('user_cycles'), total('user_cycles') + total('kernel_cycles') + total('idle_cycles')),
    ('cpu_share.kernel', total('kernel_cycles'), total('user_cycles') + total('kernel_cycles') + total('idle_cycles')),
    ('cpu_share.idle', total('idle_cycles'), total('user_cycles') + total('kernel_cycles') + total('idle_cycles')),
    ('cpu_cycles_per_op.all', total('user_cycles') + total('kernel_cycles') + total('idle_cycles'), total('ops')),
    ('cpu_cycles_per_op.outside', total('user_cycles') - total('allocator_cycles'), total('ops')),
    ('cpu_cycles_per_op.kernel', total('kernel_cycles'), total('ops')),
    ('cpu_cycles_per_op.idle', total('idle_cycles'), total('ops')),
    ('aborts_per_mop', 1000000 * total('aborts'), total('ops')),
    ('aborts_per_attempt', total('section_aborts'), total('section_attempts')),
    ('aborts_per_interruption', total('aborts'), total('interruptions')),
    ('aborts_per_interruption_exposure',
        (select sum(value) from c where name = 'exposure_cycles' and section is not null), total('exposure_cycles')),
    ('needless_aborts_per_abort', (select count(*) from causes where causes & 96 <> 0), total('aborts')),
    ('aborts_per_cpu_s', total('aborts'), cpus * seconds),
    ('switches_per_cpu_s', total('switches'), cpus * seconds),
    ('preemptions_per_cpu_s', total('preemptions'), cpus * seconds),
    ('interruptions_per_cpu_s', total('interruptions'), cpus * seconds),
    ('migrations_per_cpu_s', total('migrations'), cpus * seconds),
    ('migrations_per_s', total('migrations'), seconds),
    ('atomics_per_op', total('atomics'), total('ops')),
    ('contended_locks_per_op', total('contended_locks'), total('ops')),
    ('refills_per_op', total('refills'), total('ops')),
    ('flushes_per_op', total('flushes'), total('ops')),
    ('objects_per_message', total('message_objects'), total('messages')),
    ('remote_free_ratio', total('remote_frees'), total_of('latency', 'free')),
    ('line_transfers_per_op.all', total('line_transfers'), total('ops')),
    ('line_transfers_per_op.false_sharing', total('false_sharing'), total('ops')),
    ('line_transfers_per_op.metadata',
        (select sum(value) from c where name = 'line_transfers' and detail = 'metadata'), total('ops')),
    ('line_transfers_per_op.object',
        (select sum(value) from c where name = 'line_transfers' and detail = 'object') - total('false_sharing'),
        total('ops')),
    ('peak_live_blocks', most('peak_live_blocks'), 1),
    ('peak_live_bytes', most('peak_live_blocks') * block_bytes, 1),
    ('pool_bytes', total('pool_blocks') * block_bytes, 1),
    ('cached_bytes.all', total('cached_blocks') * block_bytes, 1),
    ('cached_bytes.largest', most('cached_blocks') * block_bytes, 1),
    ('cached_bytes.per_cpu',
        block_bytes * (select coalesce(sum(value), 0) from c where name = 'cached_blocks' and cpu is not null), cpus),
    ('cached_bytes.per_thread',
        block_bytes * (select coalesce(sum(value), 0) from c where name = 'cached_blocks' and thread is not null),
        len(threads)),
    ('cached_over_peak_live', total('cached_blocks'), most('peak_live_blocks')),
    ('cached_bytes_over_peak_live', total('cached_blocks'), most('peak_live_blocks')),
    ('footprint_over_peak_live', total('footprint_bytes'), most('peak_live_blocks') * block_bytes),
    ('misses.overflow_per_underflow', (select sum(n - fast) from ops_of where op = 'free'),
        (select sum(n - fast) from ops_of where op = 'malloc')),
    ('steady_throughput_ops_per_s', (select rate from steady) * hz, 1),
    ('first_over_steady_throughput', (select rate from steps where i = 0), (select rate from steady)),
    ('steady_after_s', (select min(start_cycle) from steps where i > (select coalesce(max(i), -1) from steps, steady
        where abs(steps.rate / steady.rate - 1) > 0.1)) - s, hz),
    ('fairness_jain', (select sum(n) ** 2 from thread_ops), len(threads) * (select sum(n ** 2) from thread_ops))
    ) as ratios(path, a, b)
union all
select 'cpu_cycles_per_op.' || op || '_fast', per(fast_cycles, total('ops')), 'number' from ops_of
union all select 'cpu_cycles_per_op.' || op || '_slow', per(cycles - fast_cycles, total('ops')), 'number' from ops_of
union all select 'fast_path_hit_ratio.' || op || '.declared', per(fast, n), 'number' from ops_of
union all select 'fast_path_hit_ratio.' || op || '.local', per(total_of('local_ops', op), n), 'number' from ops_of
union all select 'fast_path_hit_ratio.' || op || '.cycles', per(fast_cycles, cycles), 'number' from ops_of
union all select if(op = 'malloc', 'misses.underflow', 'misses.overflow'), per(n - fast, n), 'number' from ops_of
union all select 'latency_cycles.' || op || '.mean', per(total_of('latency_sum', op), n), 'number' from ops_of
union all select 'latency_cycles.' || op || '.max', max(value), 'number' from c where name = 'latency_max' group by op
union all
select 'latency_cycles.' || op || '.' || q, (select min(bucket) from counted
    where counted.op = ops_of.op and upto * 1000 >= ops_of.n * share), 'bucket'
from ops_of, (values ('p50', 500), ('p90', 900), ('p99', 990), ('p999', 999)) as quantiles(q, share) where n > 0
union all
select 'ops_by_tier.' || op || '.tier_' || tier, per(sum(value), n), 'number'
from c join ops_of using (op) where name = 'latency' group by op, tier, n
union all select 'aborts_by_cause.' || if(words = '', 'unknown', words), count(*), 'number' from causes group by words
union all select 'section_outcomes.' || outcome, total(name), 'number' from (values ('attempts', 'section_attempts'),
    ('commits', 'section_commits'), ('aborts', 'section_aborts')) as outcomes(outcome, name)
union all select 'section_outcomes.' || detail, sum(value), 'number' from c where name = 'section_exits' group by detail
union all select 'kernel_rseq.' || name, total('kernel_rseq_' || name), 'number' from (values ('exit'), ('signal'),
    ('slowp'), ('fastp'), ('ids'), ('cs'), ('clear'), ('fixup')) as stats(name)
union all select path || '.mean', avg(ticks) * any_value(unit), 'number' from valued group by path
union all select path || '.max', max(ticks) * any_value(unit), 'number' from valued group by path
union all
select path || '.' || q, ticks, 'ticks' from ranked,
    (values ('p50', 500), ('p90', 900), ('p99', 990), ('p999', 999)) as quantiles(q, share)
where place = (n * share + 999) // 1000
union all
select 'abort_site.' || section || '.' || "offset" || '.aborts', count(*), 'number'
from causes group by section, "offset"
union all
select 'abort_site.' || section || '.' || "offset" || '.exposure_cycles', sum(value), 'number'
from c where name = 'exposure_cycles' and section is not null group by section, "offset"
union all
select 'latency_histogram.' || op || '.' || bucket, n, 'number' from counted
union all
select 'per_cpu.' || cpu || '.' || name, sum(value), 'number' from c
where cpu is not null and name in ('switches', 'preemptions', 'yields', 'wakeups', 'migrations', 'aborts',
    'stale_cpu_restarts', 'signals', 'syscalls', 'interruptions', 'membarrier_ipis', 'faults', 'ops', 'micro_ops',
    'atomics', 'line_transfers', 'false_sharing', 'user_cycles', 'kernel_cycles', 'idle_cycles')
group by cpu, name
union all
select 'per_thread.' || thread || '.ops', n, 'number' from thread_ops where thread is not null
union all
select 'per_thread.' || thread || '.run_s', sum(greatest(ticks, 0)) / any_value(hz), 'number'
from ran, run group by thread
union all
select 'per_thread.' || thread || '.stretches', count(*) filter (inside), 'number' from ran group by thread
order by path;
