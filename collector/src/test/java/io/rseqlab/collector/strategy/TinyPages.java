package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.FreshMemory;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.PageRuns;
import java.util.HashMap;
import java.util.Map;

/** The page heap's host calls on the {@link TinyMachine}: no span comes back that is none, or has live blocks. */
final class TinyPages {
    /** Bytes of all spans, by address. */
    final Map<Long, Long> spans = new HashMap<>();

    final PageRuns runs;
    private final TinyOracle oracle;

    TinyPages(FreshMemory memory, TinyOracle oracle) {
        runs = new PageRuns(memory);
        this.oracle = oracle;
    }

    void host(int number, long[] r) {
        switch (number) {
            case HostCall.HOST_PAGES -> {
                long bytes = r[Reg.A0];
                r[Reg.A0] = runs.take(bytes, r[Reg.A1]);
                r[Reg.A1] = runs.descriptor(r[Reg.A1]);
                spans.put(r[Reg.A0], bytes);
            }
            case HostCall.HOST_PAGES_BACK -> {
                TinyOracle.expect(spans.remove(r[Reg.A0], r[Reg.A1]), "no span lies there");
                oracle.givenBack(r[Reg.A0], r[Reg.A0] + r[Reg.A1]);
                runs.give(r[Reg.A0], r[Reg.A1]);
                runs.forget(r[Reg.A2]);
            }
            default -> r[Reg.A0] = runs.release(r[Reg.A0]);
        }
    }
}
