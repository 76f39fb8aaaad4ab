package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.Batches;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.List;

/**
 * The bound: one pool for all that the host keeps, out of which a thread gets the block freed last on its CPU, at the
 * cost of a pop or push of a private list, never interrupted. What no strategy can beat. Tiers: 0 always, but for
 * refills (1) and the wait for the pool's mutex (2).
 */
final class Ideal implements AllocatorStrategy {
    @Override
    public String id() {
        return "ideal";
    }

    @Override
    public String summary() {
        return "bound: the warmest block at the cost of a private list";
    }

    @Override
    public String source() {
        return "a host-side pool; no real allocator";
    }

    @Override
    public List<Parameter> parameters() {
        return Parameters.UNCAPPED;
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return new Instance(settings, context);
    }

    private static final class Instance extends Common {
        private static final int NODE = Reg.T0;
        private static final int LEFT = Reg.T1;

        private final int refill;

        Instance(Settings settings, StrategyContext context) {
            super(context, 0);
            refill = (int) settings.count(Parameters.REFILL);
        }

        /** The private list's pop, with the host call in place of the load of its head. */
        @Override
        void malloc(Assembler a, Cold cold) {
            Assembler.Label empty = a.label();
            a.host(HostCall.HOST_IDEAL_POP);
            a.beqz(Reg.A0, empty);
            a.ld64(NODE, Reg.A0, NodeLayout.NEXT);
            pad.load(a, LEFT, true);
            pad.spend(a, LEFT);
            a.st64(Reg.TLS, ThreadAreas.LOCAL, NODE);
            end(a, Mark.MALLOC);

            a.place(empty);
            Batches.refill(a, pool, refill, (as, refused) -> as.host(HostCall.HOST_IDEAL_PUSH));
            end(a, Mark.MALLOC);
        }

        /** The private list's push, with the host call in place of the store to its head. */
        @Override
        void free(Assembler a, Cold cold) {
            a.ld64(NODE, Reg.TLS, ThreadAreas.LOCAL);
            a.st64(Reg.A0, NodeLayout.NEXT, NODE);
            pad.load(a, LEFT, true);
            pad.spend(a, LEFT);
            a.host(HostCall.HOST_IDEAL_PUSH);
            end(a, Mark.FREE);
        }

        /** The blocks are with the host. */
        @Override
        void audit(Audit audit) {}
    }
}
