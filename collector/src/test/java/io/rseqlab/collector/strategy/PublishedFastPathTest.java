package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Section;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the fast paths of real allocators execute, against what was counted in theirs: loads, stores, locked operations,
 * conditional branches. TCMalloc's golden listing has 5 loads, 2 stores and a read-modify-write for operator new, here
 * one load and one store more, and 4 loads and 3 stores for delete with a size, and 4 and 5 branches: the largest size,
 * sampling, the mark of the slab pointer, empty; null, the largest size, sampled, the mark, full. cosmopolitan's pop
 * has 3 loads, its push 2 and the arming store each. snmalloc's and mimalloc's malloc have 2 branches with that for the
 * size, which the workload has rounded. Of jemalloc's malloc the loads of head, pointer and mark and the store of head
 * are published, and that it counts: requests, and bytes, which it compares with those at which it is to look at its
 * caches (size, sum and limit are three loads); glibc's list with count and key; here the address of the thread's
 * caches is a load more in each. No strategy here has a locked operation where none was published, nor in most frees of
 * another thread's blocks more or fewer than published.
 */
class PublishedFastPathTest {
    private static final int OPERATIONS = 600;

    /** The least that an operation of the kind executed. */
    private static String least(String strategy, int operation) {
        TinyRun run = new TinyRun(strategy, "churn", 1, 1, 1);
        TinyMachine machine = run.machine;
        machine.switchIn(0, machine.threads.get(0));
        List<long[]> costs = new ArrayList<>();
        long[] before = new long[machine.executed.length];
        long[] inside = new long[machine.executed.length];
        int last = -1;
        while (run.oracle.workDone < OPERATIONS) {
            System.arraycopy(machine.executed, 0, before, 0, before.length);
            machine.step(0);
            int now = run.oracle.operation(0);
            if (now != last && last == operation) {
                costs.add(inside.clone());
            }
            if (now != last) {
                Arrays.fill(inside, 0);
            }
            for (int op = 0; op < inside.length && now >= 0; op++) {
                inside[op] += machine.executed[op] - before[op];
            }
            last = now;
        }
        long[] cheapest = costs.stream()
                .min((one, other) -> Long.compare(
                        Arrays.stream(one).sum(), Arrays.stream(other).sum()))
                .orElseThrow();
        return text(cheapest);
    }

    private static String text(long[] n) {
        long branches = 0;
        for (int op = 0; op < n.length; op++) {
            branches += Op.isConditional(op) ? n[op] : 0;
        }
        // the padding's load and branch, which every strategy here has and no real one, are taken off
        branches--;
        return (n[Op.LD64] - 1 + n[Op.LD32] + n[Op.LD16]) + " " + (n[Op.ST64] + n[Op.ST32] + n[Op.ST16]) + " "
                + locked(n) + " " + branches;
    }

    private static long locked(long[] n) {
        return n[Op.CAS64] + n[Op.CAS128] + n[Op.XCHG] + n[Op.XADD];
    }

    @ParameterizedTest
    @CsvSource({
        "rseq-list, 3 2 0 1, 2 3 0 0",
        "tcmalloc-percpu, 6 3 0 4, 4 3 0 5",
        "tcmalloc-thread, 8 3 0 2, 8 4 0 2",
        "supermalloc, 6 2 0 1, 5 4 0 2",
        "supermalloc-rseq, 6 2 0 1, 5 4 0 2",
        "snmalloc-2019, 6 1 0 2, 8 3 0 3",
        "snmalloc, 3 1 0 1, 5 3 0 2",
        "mimalloc, 5 2 0 1, 6 3 0 3",
        "mimalloc-v3, 5 2 0 1, 5 3 0 2",
        "rpmalloc, 3 1 0 1, 7 4 0 3",
        "jemalloc, 9 3 0 2, 8 3 0 2",
        "glibc, 5 3 0 1, 7 4 0 2",
        "hoard, 8 3 0 1, 9 4 0 2",
    })
    void whatAHitExecutes(String strategy, String malloc, String free) {
        assertThat(least(strategy, 0) + ", " + least(strategy, 1)).isEqualTo(malloc + ", " + free);
    }

    /** Locked operations of most frees of blocks that another thread has allocated. */
    private static long lockedOfMostForeignFrees(String strategy) {
        TinyRun run = new TinyRun(strategy, "producer-consumer", 2, 2, 1);
        TinyMachine machine = run.machine;
        List<Long> costs = new ArrayList<>();
        long inside = 0;
        boolean frees = false;
        while (costs.size() < OPERATIONS) {
            advance(machine, 0);
            long before = locked(machine.executed);
            advance(machine, 1);
            boolean still = run.oracle.operation(1) == Mark.FREE;
            if (frees && !still) {
                costs.add(inside);
            }
            inside = still ? inside + locked(machine.executed) - before : 0;
            frees = still;
        }
        return costs.stream().sorted().toList().get(costs.size() / 2);
    }

    /** A step of the thread of that number; it yields now and then, and sleeps where it waits for a mutex. */
    private static void advance(TinyMachine machine, int number) {
        TinyThread thread = machine.threads.get(number);
        if (machine.running[number] == null && thread.state == TinyThread.State.RUNNABLE) {
            machine.switchIn(number, thread);
        }
        if (machine.running[number] != null) {
            machine.step(number);
        }
    }

    /**
     * One swap where a block goes onto its page's list; none where it stays, or waits until many go together. glibc's
     * cache takes 16, and then each block locks the arena that owns it: a mutex, so two.
     */
    @ParameterizedTest
    @CsvSource({
        "rseq-list, 0",
        "tcmalloc-percpu, 0",
        "tcmalloc-thread, 0",
        "supermalloc, 0",
        "supermalloc-rseq, 0",
        "snmalloc-2019, 0",
        "snmalloc, 0",
        "mimalloc, 1",
        "mimalloc-v3, 1",
        "rpmalloc, 1",
        "jemalloc, 0",
        "glibc, 2",
        "hoard, 0",
    })
    void whatAForeignFreeLocks(String strategy, long locked) {
        assertThat(lockedOfMostForeignFrees(strategy)).isEqualTo(locked);
    }

    /**
     * The instructions of x86-64 that a section's micro-operations are: addresses are computed by the access that uses
     * them (shift and addition are its scaled index), a comparison with 0 is two (test and jump), and where TCMalloc
     * tests and resets the mark of the slab's cached address the address is computed here. The padding, which no real
     * section has, is left out.
     */
    private static List<String> instructions(String strategy, String name) {
        Program program = new TinyRun(strategy, "churn", 1, 1, 1).machine.program;
        Section section = program.sections().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        String operations = program.listing(section).stream()
                .map(line -> line.split(" ")[0])
                .filter(operation -> !operation.equals("mark"))
                .collect(Collectors.joining(" "));
        String fused = operations
                .replaceAll("beq djnz ?", "")
                .replace("blt shli addi add ", "bit-test-and-reset jump ")
                .replace("shli add ", "")
                .replace("andi bne", "test jump")
                .replace("beq", "test jump");
        return List.of(fused.strip().split(" "));
    }

    /** TCMalloc's pop has 10 instructions and its push 9, cosmopolitan's 8 and 6, with the one that arms them. */
    @ParameterizedTest
    @CsvSource({
        "tcmalloc-percpu, pop, 10, 4, 1",
        "tcmalloc-percpu, push, 9, 3, 2",
        "rseq-list, pop, 7, 3, 1",
        "rseq-list, push, 5, 2, 2",
    })
    void soManyInstructionsAreInsideTheSection(String strategy, String name, int all, int loads, int stores) {
        List<String> instructions = instructions(strategy, name);
        assertThat(instructions).hasSize(all);
        assertThat(instructions.stream().filter(each -> each.startsWith("ld"))).hasSize(loads);
        assertThat(instructions.stream().filter(each -> each.startsWith("st"))).hasSize(stores);
        assertThat(instructions.stream().filter(each -> each.startsWith("cas") || each.startsWith("x")))
                .isEmpty();
    }
}
