package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Section;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What one operation of {@code churn} executes on the fast path with nothing to wait for: a change here is a change of
 * what the native driver is compared with (its README counts 76 for rseq-freelist, 18 of them in sections). The
 * workload's share is 35 of each.
 */
class FastPathCostTest {
    private static final int FIRST_OPERATIONS = 200;

    /** Loads, stores, locked operations, branches (jumps included), calls and returns, all, inside sections. */
    private static String cost(String strategy) {
        TinyRun run = new TinyRun(strategy, "churn", 1, 1, 1);
        TinyMachine machine = run.machine;
        machine.switchIn(0, machine.threads.get(0));
        while (run.oracle.workDone < FIRST_OPERATIONS) {
            machine.step(0);
        }
        Arrays.fill(machine.executed, 0);
        long inside = 0;
        long until = run.oracle.workDone + 1;
        while (run.oracle.workDone < until) {
            inside += insideSection(machine) ? 1 : 0;
            machine.step(0);
        }
        long[] n = machine.executed;
        long loads = n[Op.LD64] + n[Op.LD32] + n[Op.LD16];
        long stores = n[Op.ST64] + n[Op.ST32] + n[Op.ST16];
        long locked = n[Op.CAS64] + n[Op.CAS128] + n[Op.XCHG] + n[Op.XADD];
        long branches = n[Op.BEQ] + n[Op.BNE] + n[Op.BLT] + n[Op.BGE] + n[Op.DJNZ] + n[Op.JMP];
        long calls = n[Op.CALL] + n[Op.RET];
        return String.format(
                Locale.ROOT,
                "%d %d %d %d %d %d %d",
                loads,
                stores,
                locked,
                branches,
                calls,
                Arrays.stream(n).sum(),
                inside);
    }

    private static boolean insideSection(TinyMachine machine) {
        int position = machine.running[0].position;
        Section section = machine.program.sectionAt(position);
        return section != null && Op.code(machine.program.code()[position]) != Op.MARK;
    }

    @ParameterizedTest
    @CsvSource({
        "rseq-freelist, 25 12 0 14 4 76 18",
        "message-passing, 20 9 0 9 4 52 0",
        "rseq-message, 26 12 0 15 4 78 18",
        "percpu-lock, 28 15 2 14 4 92 0",
        "percpu-cas, 27 10 2 12 4 81 0",
        "thread-cache-remote-cas, 20 9 0 9 4 54 0",
        "rseq-remote-cas, 26 12 0 15 4 78 18",
        "percpu-lock-message, 29 15 2 15 4 94 0",
        "percpu-lock-remote-cas, 29 15 2 15 4 94 0",
        "percpu-cas-message, 28 10 2 13 4 83 0",
        "percpu-cas-remote-cas, 28 10 2 13 4 83 0",
        "thread-cache, 19 10 0 10 4 56 0",
        "thread-cache-message, 21 10 0 11 4 59 0",
        "rseq-list, 20 11 0 8 4 56 13",
        "tcmalloc-thread, 31 13 0 11 4 78 0",
        "tcmalloc-percpu, 25 12 0 16 4 87 29",
        "supermalloc, 26 12 0 11 4 71 0",
        "supermalloc-rseq, 26 12 0 11 4 71 0",
        "global-treiber, 22 9 2 10 4 62 0",
        "global-mutex, 51 24 4 40 12 188 0",
        "ideal, 15 8 0 7 4 45 0",
    })
    void oneOperation(String strategy, String expected) {
        assertThat(cost(strategy)).isEqualTo(expected);
    }
}
