package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.FreshMemory;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.IdlePages;
import io.rseqlab.collector.machine.PageRuns;
import io.rseqlab.collector.machine.SharedSpace;
import java.util.HashMap;
import java.util.Map;

/** The page heap's host calls on the {@link TinyMachine}: no span comes back that is none, or has live blocks. */
final class TinyPages {
    /** Bytes of all spans, by address. */
    final Map<Long, Long> spans = new HashMap<>();

    final PageRuns runs;
    /** Heaps of allocators with several, by number. */
    final Map<Long, PageRuns> numbered = new HashMap<>();

    final SharedSpace shared = new SharedSpace();
    final IdlePages idle = new IdlePages();
    /** Blocks begin and end anywhere in spans: parts of these are idle. */
    boolean chunked;
    /** Bytes that went to the system because they were not used for long. */
    long decayed;

    private final FreshMemory memory;
    private final TinyOracle oracle;

    TinyPages(FreshMemory memory, TinyOracle oracle) {
        this.memory = memory;
        runs = new PageRuns(memory);
        this.oracle = oracle;
    }

    void host(int number, long[] r, long now) {
        switch (number) {
            case HostCall.HOST_PAGES -> {
                long bytes = r[Reg.A0];
                r[Reg.A0] = runs.take(bytes, r[Reg.A1]);
                r[Reg.A1] = runs.descriptor(r[Reg.A1]);
                spans.put(r[Reg.A0], bytes);
            }
            case HostCall.HOST_PAGES_BACK -> {
                comesBack(r);
                runs.give(r[Reg.A0], r[Reg.A1]);
                runs.forget(r[Reg.A2]);
            }
            case HostCall.HOST_RUN -> {
                long bytes = r[Reg.A0];
                PageRuns heap = numbered.computeIfAbsent(r[Reg.A1], one -> reserving(r[Reg.A2]));
                long reserved = heap.reservedBytes();
                r[Reg.A0] = heap.take(bytes);
                r[Reg.A1] = heap.reservedBytes() - reserved;
                spans.put(r[Reg.A0], bytes);
            }
            case HostCall.HOST_RUN_BACK -> {
                comesBack(r);
                numbered.get(r[Reg.A2]).give(r[Reg.A0], r[Reg.A1]);
            }
            case HostCall.HOST_RUN_DECAY -> {
                PageRuns heap = numbered.get(r[Reg.A0]);
                r[Reg.A0] = heap == null ? 0 : heap.decay(now, r[Reg.A1]);
                decayed += r[Reg.A0];
            }
            case HostCall.HOST_IDLE -> {
                oracle.givenBack(r[Reg.A0], r[Reg.A0] + r[Reg.A1]);
                idle.add(r[Reg.A0], r[Reg.A1]);
                chunked |= !Long.valueOf(r[Reg.A1]).equals(spans.get(r[Reg.A0]));
            }
            case HostCall.HOST_IDLE_DISCARD -> {
                idle.discard(r[Reg.A0], r[Reg.A1]);
                for (long at = r[Reg.A0]; at < r[Reg.A0] + r[Reg.A1]; at += Long.BYTES) {
                    memory.write64(at, 0);
                }
            }
            case HostCall.HOST_IDLE_USE -> idle.use(r[Reg.A0], r[Reg.A1]);
            case HostCall.HOST_PAGES_RELEASE -> r[Reg.A0] = runs.release(r[Reg.A0]);
            default -> throw new TinyOracle.Violation("host call " + number);
        }
    }

    private PageRuns reserving(long bytes) {
        boolean shares = (bytes & HostCall.SHARED_RESERVE) != 0;
        return PageRuns.reserving(memory, bytes & -2, shares ? shared : null);
    }

    private void comesBack(long[] r) {
        TinyOracle.expect(spans.remove(r[Reg.A0], r[Reg.A1]), "no span lies there");
        oracle.givenBack(r[Reg.A0], r[Reg.A0] + r[Reg.A1]);
    }
}
