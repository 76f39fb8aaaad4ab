package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.Batches;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.Frame;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import java.util.List;

/**
 * One uncapped lock-free stack for all. Tiers: 0 the first swap; 1 refill; 2 a swap failed, or the pool's mutex was
 * taken.
 */
final class GlobalTreiber implements AllocatorStrategy {
    @Override
    public String id() {
        return "global-treiber";
    }

    @Override
    public String summary() {
        return "one list for all, double-word compare-and-swap with a version";
    }

    @Override
    public String source() {
        return "Treiber, IBM RJ 5118 (1986); versioned pointers of IBM System/370";
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
        private final PerCpuArea list;
        private final ClassTable refill;

        Instance(Settings settings, StrategyContext context) {
            super(context, 0);
            list = new PerCpuArea(context.layout(), 1, classes);
            refill = Parameters.uncappedRefill(settings, context, classes);
        }

        @Override
        void malloc(Assembler a, Cold cold) {
            VersionedStack stack = new VersionedStack(this::find, pad, cold);
            Assembler.Label empty = a.label();
            Frame.save(a, 1);
            stack.pop(a, true, empty);
            Frame.restore(a, 1);
            end(a, Mark.MALLOC);
            a.place(empty);
            Batches.refill(a, pool, refill, (as, refused) -> stack.push(as, false));
            end(a, Mark.MALLOC);
        }

        @Override
        void free(Assembler a, Cold cold) {
            Frame.save(a, 1);
            new VersionedStack(this::find, pad, cold).push(a, true);
            Frame.restore(a, 1);
            end(a, Mark.FREE);
        }

        private void find(Assembler a, int entry, int temporary) {
            list.only(a, entry, temporary);
        }

        @Override
        void audit(Audit audit) {
            audit.lists(list, 1, number -> Place.pool("global list"));
        }
    }
}
