package io.rseqlab.collector.run;

import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.TransactionAbort;
import io.rseqlab.collector.oracle.OperationBooks;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Counts of the machine per interval and CPU: differences between two looks at its counters. */
final class IntervalCounters {
    private static final TransactionAbort[] ABORTS = TransactionAbort.values();
    private static final int TRANSACTIONS = 9;
    private static final int KINDS = TRANSACTIONS + 1 + ABORTS.length;

    private final Simulation simulation;
    private final long[][] before;
    private final List<Counter> rows = new ArrayList<>();
    private long from;

    /** Begins to count at a cycle. */
    IntervalCounters(Simulation simulation, long from) {
        this.simulation = simulation;
        this.from = from;
        before = new long[simulation.machine().cores.length][];
        for (Core core : simulation.machine().cores) {
            before[core.id] = look(core, from);
        }
    }

    private long[] look(Core core, long cycle) {
        OperationBooks books = simulation.books();
        long[] counts = {
            books.cpuOps(core.id),
            core.microOps(),
            core.atomics,
            core.metadataTransfers,
            core.objectTransfers,
            core.userCyclesNow(),
            core.kernelCycles,
            core.idleCyclesTo(cycle),
            core.falseSharingTransfers,
            core.transactions()
        };
        long[] all = Arrays.copyOf(counts, KINDS);
        for (TransactionAbort cause : ABORTS) {
            all[TRANSACTIONS + 1 + cause.ordinal()] = core.transactionAborts(cause);
        }
        return all;
    }

    /** Ends an interval and begins the next. */
    void cut(long to) {
        rows.addAll(since(to));
        for (Core core : simulation.machine().cores) {
            before[core.id] = look(core, to);
        }
        from = to;
    }

    /** All rows as they would be if the interval under way ended here; it goes on. */
    List<Counter> rowsTo(long to) {
        List<Counter> all = new ArrayList<>(rows);
        all.addAll(since(to));
        return all;
    }

    private List<Counter> since(long to) {
        List<Counter> open = new ArrayList<>();
        for (Core core : simulation.machine().cores) {
            long[] now = look(core, to);
            for (int kind = 0; kind < KINDS; kind++) {
                long difference = now[kind] - before[core.id][kind];
                if (difference != 0) {
                    open.add(row(kind, to, core.id, difference));
                }
            }
        }
        return open;
    }

    private Counter row(int kind, long to, int cpu, long value) {
        return switch (kind) {
            case 0 -> Counter.ofInterval(CounterName.OPS, from, to, cpu, value);
            case 1 -> Counter.ofInterval(CounterName.MICRO_OPS, from, to, cpu, value);
            case 2 -> Counter.ofInterval(CounterName.ATOMICS, from, to, cpu, value);
            case 3 -> row(CounterName.LINE_TRANSFERS, "metadata", to, cpu, value);
            case 4 -> row(CounterName.LINE_TRANSFERS, "object", to, cpu, value);
            case 5 -> Counter.ofInterval(CounterName.USER_CYCLES, from, to, cpu, value);
            case 6 -> Counter.ofInterval(CounterName.KERNEL_CYCLES, from, to, cpu, value);
            case 7 -> Counter.ofInterval(CounterName.IDLE_CYCLES, from, to, cpu, value);
            case 8 -> Counter.ofInterval(CounterName.FALSE_SHARING, from, to, cpu, value);
            case TRANSACTIONS -> Counter.ofInterval(CounterName.TRANSACTIONS, from, to, cpu, value);
            default -> {
                String cause = ABORTS[kind - TRANSACTIONS - 1].id();
                yield row(CounterName.TRANSACTION_ABORTS, cause, to, cpu, value);
            }
        };
    }

    private Counter row(CounterName name, String detail, long to, int cpu, long value) {
        return new Counter(name, from, to, cpu, null, null, null, null, null, null, detail, value);
    }

    List<Counter> rows() {
        return rows;
    }
}
