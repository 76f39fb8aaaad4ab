package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.workload.Workload;
import io.rseqlab.collector.workload.WorkloadContext;
import io.rseqlab.collector.workload.WorkloadInstance;
import io.rseqlab.collector.workload.Workloads;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A strategy and a workload on the tiny machine, interleaved at random, and the books at the end. */
final class TinyRun {
    private static final int STEPS_PER_CENSUS = 97;
    private static final int MOST_OWN_THREADS = 4;

    final TinyMachine machine;
    final TinyOracle oracle;
    private final SizeClasses sizes;
    final StrategyInstance strategy;
    final WorkloadInstance workload;

    /** Threads of the allocator's own, or that end, may have blocks in hand outside of malloc and free. */
    private final boolean handsFull;

    private final long stopFlag;
    private final Random random;
    /** A thread is preempted after so many micro-operations on average. */
    int meanSlice = 30;
    /** A CPU makes up to so many steps while all others stand still. */
    int burst = 1;
    /** Share of steps before which a signal comes. */
    double signals;
    /** Share of switches at which the thread may go on at another CPU. */
    double migrations = 0.5;

    TinyRun(String strategyText, String workloadText, int cpus, int threads, long seed) {
        this(strategyText, workloadText, cpus, threads, seed, true);
    }

    /** @param rseqOffered threads have a registered rseq area */
    TinyRun(String strategyText, String workloadText, int cpus, int threads, long seed, boolean rseqOffered) {
        random = new Random(seed);
        AllocatorStrategy kind = Strategies.byId(Settings.nameOf(strategyText));
        Workload named = Workloads.byId(Settings.nameOf(workloadText));
        Settings settings = Settings.parse(workloadText, named.parameters());
        Workload load = named.bind(settings);
        sizes = load.sizes(settings);
        oracle = new TinyOracle(sizes);
        Layout layout = new Layout(random.nextInt(8));
        long rseq = layout.reserve(128L * (threads + MOST_OWN_THREADS), 128);
        stopFlag = layout.reserve(128, 128);
        long[] seeds = random.longs(threads, 1, Long.MAX_VALUE).toArray();
        workload = load.build(settings, new WorkloadContext(threads, layout, seeds, stopFlag, 1_000_000_000, 10_000));
        strategy = kind.build(
                Settings.parse(strategyText, kind.parameters()),
                new StrategyContext(
                        cpus,
                        1,
                        threads,
                        sizes,
                        workload.padTurns(),
                        0,
                        0,
                        rseqOffered,
                        rseqOffered,
                        true,
                        load.threadsEnd(settings),
                        stopFlag,
                        1_000_000_000,
                        layout));
        Assembler assembler = new Assembler();
        strategy.emit(assembler);
        workload.emit(assembler);
        machine = new TinyMachine(assembler.link(), cpus, layout.top(), oracle, sizes);
        oracle.memory = workloadText.contains("touch=never") ? null : machine;
        oracle.blocks = machine;
        workload.linked(machine.program);
        machine.workload = workload;
        layout.initialWords().forEach(machine::write64);
        strategy.warm(machine);
        machine.rseqOffered = rseqOffered;
        for (int thread = 0; thread < threads; thread++) {
            machine.addThread(
                    rseq + 128L * thread,
                    workload.entry(thread),
                    workload.threadBase(thread),
                    strategy.threadBase(thread));
        }
        handsFull = load.threadsEnd(settings) || !strategy.background().isEmpty();
        for (String entry : strategy.background()) {
            int thread = machine.threads.size();
            machine.addThread(rseq + 128L * thread, entry, 0, strategy.threadBase(thread));
        }
    }

    /** Runs at random until so many operations are done, then lets all threads end, and checks the books. */
    TinyRun run(long operations) {
        long steps = 0;
        long nextCensus = STEPS_PER_CENSUS;
        while (machine.threads.stream().anyMatch(thread -> thread.state != TinyThread.State.EXITED)) {
            if (oracle.workDone >= operations) {
                machine.write64(stopFlag, 1);
            }
            TinyOracle.expect(steps++ < 400_000L + 4000 * operations, "no end in sight");
            stepSomeCpu();
            if (steps >= nextCensus) {
                // the more free blocks there are, the rarer they are counted
                nextCensus = steps + STEPS_PER_CENSUS + checkCensus();
            }
        }
        checkBooks();
        return this;
    }

    /** At any time: no block is counted twice; and none is missed while nobody is inside malloc or free. */
    private long checkCensus() {
        Set<Long> free = new HashSet<>();
        strategy.census(machine, (block, place) -> {
            TinyOracle.expect(free.add(block), "block 0x" + Long.toHexString(block) + " is counted twice");
        });
        machine.ideal.forEach(free::addAll);
        boolean somebodyInside =
                handsFull || machine.threads.stream().anyMatch(thread -> oracle.insideOperation(thread.number));
        for (long block : oracle.known) {
            TinyOracle.expect(
                    somebodyInside || free.contains(block) != oracle.owners.containsKey(block),
                    "block 0x" + Long.toHexString(block) + " is not counted, or counted but live");
        }
        return free.size();
    }

    /** Sets the stop flag. */
    void stop() {
        machine.write64(stopFlag, 1);
    }

    void stepSomeCpu() {
        int cpu = random.nextInt(machine.running.length);
        if (machine.running[cpu] != null && random.nextInt(meanSlice) == 0) {
            machine.switchOut(cpu);
        }
        if (machine.running[cpu] == null) {
            pick(cpu);
        } else if (signals > 0 && random.nextDouble() < signals) {
            machine.signal(cpu);
        }
        for (int steps = burst == 1 ? 1 : 1 + random.nextInt(burst);
                steps > 0 && machine.running[cpu] != null;
                steps--) {
            machine.step(cpu);
        }
    }

    /** Puts some waiting thread on a CPU: one that was here before, or with some probability any. */
    private void pick(int cpu) {
        boolean any = random.nextDouble() < migrations;
        List<TinyThread> ready = machine.threads.stream()
                .filter(thread -> thread.state == TinyThread.State.RUNNABLE && thread.cpu < 0)
                .filter(thread -> any || machine.read64(thread.rseq) >>> 32 == cpu)
                .toList();
        if (!ready.isEmpty()) {
            machine.switchIn(cpu, ready.get(random.nextInt(ready.size())));
        }
    }

    /** Every block ever carved is free in one place or live, and nothing else is. */
    void checkBooks() {
        Map<Long, String> free = new HashMap<>();
        strategy.audit(machine, (block, place) -> visit(free, block, place.words()));
        machine.ideal.forEach(stack -> stack.forEach(block -> visit(free, block, "ideal")));
        TinyOracle.expect(oracle.mallocs - oracle.frees == oracle.owners.size(), "the books do not balance");
        for (long block : oracle.known) {
            TinyOracle.expect(
                    free.containsKey(block) || oracle.owners.containsKey(block),
                    "block 0x" + Long.toHexString(block) + " is lost");
        }
        for (int i = 0; i < machine.spans.size() && sizes.single(); i++) {
            checkSpan(machine.spans.get(i), 64 << 10, i == machine.spans.size() - 1, free);
        }
        if (sizes.single() && !machine.pages.chunked) {
            machine.pages.spans.forEach((span, bytes) -> checkSpan(span, bytes, true, free));
        }
    }

    /** Runs until so much work is done; answers how often a page was found with another size than before. */
    int pagesThatChangedSize(long work) {
        Map<Long, Integer> before = new HashMap<>();
        int changes = 0;
        for (int step = 0; oracle.workDone < work; step++) {
            stepSomeCpu();
            for (long page : step % 100 == 0 ? machine.pages.spans.keySet() : List.<Long>of()) {
                int now = strategy.sizeClass(machine, page);
                Integer last = before.put(page, now);
                changes += last == null || last == now ? 0 : 1;
            }
        }
        return changes;
    }

    private void checkSpan(long span, long bytes, boolean last, Map<Long, String> free) {
        boolean carved = true;
        for (long block = span; block + sizes.bytes(0) <= span + bytes; block += sizes.bytes(0)) {
            boolean found = free.containsKey(block) || oracle.owners.containsKey(block);
            TinyOracle.expect(found == carved || (last && carved), "block 0x" + Long.toHexString(block) + " is lost");
            carved = found;
        }
    }

    private void visit(Map<Long, String> free, long block, String place) {
        String name = "block 0x" + Long.toHexString(block);
        TinyOracle.expect(!oracle.owners.containsKey(block), name + " is free (" + place + ") and live");
        String before = free.put(block, place);
        TinyOracle.expect(before == null, name + " is free twice: " + before + ", " + place);
    }
}
