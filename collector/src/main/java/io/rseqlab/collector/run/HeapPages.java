package io.rseqlab.collector.run;

import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.IdlePages;
import io.rseqlab.collector.machine.Memory;
import io.rseqlab.collector.machine.PageRuns;
import io.rseqlab.collector.machine.SharedSpace;
import io.rseqlab.collector.oracle.Ownership;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Where strategies' memory comes from: host calls for spans, with what they cost, and what they have taken so far. */
final class HeapPages {
    /** Declared cost of 64 KiB of new memory: about that of a trivial system call and its page-table work. */
    private static final long SPAN_CYCLES = 2000;

    private static final long SPAN_BYTES = 64 << 10;

    /**
     * A page heap under its lock: what an allocation from TCMalloc's page heap takes longer than one from its central
     * list, 136.9 less 78.5 ns (Zhou et al., ASPLOS 2024). Giving back is assumed to cost as much.
     */
    private static final double PAGE_HEAP_SECONDS = 58.4e-9;

    private final Memory memory;
    private final long base;
    private final Ownership ownership;
    private final long pageHeapCycles;
    private final PageRuns runs;
    /** Heaps of allocators with several, by number. */
    private final Map<Long, PageRuns> numbered = new HashMap<>();

    private final SharedSpace shared = new SharedSpace();
    private final IdlePages idle = new IdlePages();

    private long peakBytes;

    /**
     * @param base where the heap begins
     * @param ownership hears what goes back, null without
     */
    HeapPages(Memory memory, long base, Ownership ownership, double clockHz) {
        this.memory = memory;
        this.base = base;
        this.ownership = ownership;
        pageHeapCycles = Math.round(PAGE_HEAP_SECONDS * clockHz);
        runs = new PageRuns(memory);
    }

    /** Answers how many cycles it takes. */
    long hostCall(int number, long[] regs, long cycle) {
        switch (number) {
            case HostCall.HOST_SPAN -> {
                regs[Reg.A0] = memory.extend(regs[Reg.A0]);
                return SPAN_CYCLES;
            }
            case HostCall.HOST_PAGES -> {
                long before = runs.freshBytes();
                regs[Reg.A0] = runs.take(regs[Reg.A0], regs[Reg.A1]);
                regs[Reg.A1] = runs.descriptor(regs[Reg.A1]);
                peakBytes = footprintBytes();
                return pageHeapCycles + (runs.freshBytes() - before) * SPAN_CYCLES / SPAN_BYTES;
            }
            case HostCall.HOST_PAGES_RELEASE -> {
                regs[Reg.A0] = runs.release(regs[Reg.A0]);
                return regs[Reg.A0] == 0 ? 0 : SPAN_CYCLES + regs[Reg.A0] * SPAN_CYCLES / SPAN_BYTES;
            }
            case HostCall.HOST_RUN -> {
                PageRuns heap = numbered.computeIfAbsent(regs[Reg.A1], any -> reserving(regs[Reg.A2]));
                long before = heap.freshBytes();
                long reserved = heap.reservedBytes();
                regs[Reg.A0] = heap.take(regs[Reg.A0]);
                regs[Reg.A1] = heap.reservedBytes() - reserved;
                peakBytes = footprintBytes();
                return pageHeapCycles + (heap.freshBytes() - before) * SPAN_CYCLES / SPAN_BYTES;
            }
            case HostCall.HOST_RUN_BACK -> {
                comesBack(regs, cycle);
                numbered.get(regs[Reg.A2]).give(regs[Reg.A0], regs[Reg.A1]);
                return pageHeapCycles;
            }
            case HostCall.HOST_RUN_DECAY -> {
                PageRuns heap = numbered.get(regs[Reg.A0]);
                regs[Reg.A0] = heap == null ? 0 : heap.decay(cycle, regs[Reg.A1]);
                return regs[Reg.A0] == 0 ? 0 : SPAN_CYCLES + regs[Reg.A0] * SPAN_CYCLES / SPAN_BYTES;
            }
            case HostCall.HOST_IDLE -> {
                comesBack(regs, cycle);
                idle.add(regs[Reg.A0], regs[Reg.A1]);
                return 0;
            }
            case HostCall.HOST_IDLE_DISCARD -> {
                peakBytes = footprintBytes();
                idle.discard(regs[Reg.A0], regs[Reg.A1]);
                return SPAN_CYCLES + regs[Reg.A1] * SPAN_CYCLES / SPAN_BYTES;
            }
            case HostCall.HOST_IDLE_USE -> {
                long fresh = idle.use(regs[Reg.A0], regs[Reg.A1]);
                peakBytes = footprintBytes();
                return fresh * SPAN_CYCLES / SPAN_BYTES;
            }
            case HostCall.HOST_PAGES_BACK -> {
                comesBack(regs, cycle);
                runs.give(regs[Reg.A0], regs[Reg.A1]);
                runs.forget(regs[Reg.A2]);
                return pageHeapCycles;
            }
            default -> throw new IllegalStateException("host call " + number);
        }
    }

    private PageRuns reserving(long bytes) {
        boolean shares = (bytes & HostCall.SHARED_RESERVE) != 0;
        return PageRuns.reserving(memory, bytes & -2, shares ? shared : null);
    }

    private void comesBack(long[] regs, long cycle) {
        if (ownership != null) {
            ownership.givenBack(regs[Reg.A0], regs[Reg.A1], cycle);
        }
    }

    private long sum(ToLongFunction<PageRuns> bytes) {
        return bytes.applyAsLong(runs)
                + numbered.values().stream().mapToLong(bytes).sum();
    }

    /** Most bytes that the system had given at once so far. */
    long footprintBytes() {
        return Math.max(peakBytes, heldBytes());
    }

    /** Bytes that the system has given, and not got back. */
    long heldBytes() {
        return memory.end() - base - sum(PageRuns::goneBytes) - shared.goneBytes() - idle.goneBytes();
    }

    /** True if the strategy has a page heap, or several. */
    boolean hasPageHeap() {
        return idle.used() || sum(PageRuns::freshBytes) > 0;
    }

    /** Bytes of whole pages that a page heap has, for any size. */
    long freeBytes() {
        return sum(PageRuns::freeBytes) + shared.freeBytes() + idle.freeBytes();
    }
}
