package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.List;

/**
 * The bound: one pool for all that the host keeps. Every block it hands out is warm, in the first-level cache of the
 * CPU that asks and its own, as if the allocator had known long before who would want which block and had fetched it:
 * an allocator that batches or drains fetches lines ahead of use, so a bound that merely picked the warmest of the free
 * blocks could be beaten. Pop and push cost what they cost a private list, touch no line of the block, and are steps
 * that nothing can split. What remains is what no allocator can take away: the application's own accesses. Tier 0
 * always.
 */
final class Ideal implements AllocatorStrategy {
    @Override
    public String id() {
        return "ideal";
    }

    @Override
    public String summary() {
        return "bound: blocks that are always warm, at the cost of a private list";
    }

    @Override
    public String source() {
        return "a host-side pool; no real allocator";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return new Instance(context);
    }

    private static final class Instance extends Common {
        private static final int LEFT = Reg.T0;

        Instance(StrategyContext context) {
            super(context, 0);
        }

        /** The private list's pop, with the host call in place of the loads of its head and of the next node. */
        @Override
        void malloc(Assembler a, Cold cold) {
            a.host(HostCall.HOST_IDEAL_POP);
            pad.load(a, LEFT, true);
            pad.spend(a, LEFT);
            a.st64(Reg.TLS, ThreadAreas.LOCAL, Reg.A0);
            end(a, Mark.MALLOC);
        }

        /** The private list's push, with the host call in place of the link to the next node. */
        @Override
        void free(Assembler a, Cold cold) {
            pad.load(a, LEFT, true);
            pad.spend(a, LEFT);
            a.st64(Reg.TLS, ThreadAreas.LOCAL, Reg.A0);
            a.host(HostCall.HOST_IDEAL_PUSH);
            end(a, Mark.FREE);
        }

        /** The blocks are with the host. */
        @Override
        void audit(Audit audit) {}
    }
}
