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
 * A capped list per CPU whose head and version are swapped together; any thread may get at any list at any time, so an
 * operation is right even if the thread has moved since it read the CPU. A swap that fails reads the CPU again. Tiers:
 * 0 the first swap; 1 refill or flush; 2 a swap failed, or the pool's mutex was taken.
 */
final class PercpuCas implements AllocatorStrategy {
    @Override
    public String id() {
        return "percpu-cas";
    }

    @Override
    public String summary() {
        return "list per CPU, double-word compare-and-swap with a version, foreign blocks stay where they are freed";
    }

    @Override
    public String source() {
        return "Treiber, IBM RJ 5118 (1986), one stack per CPU; versioned pointers of IBM System/370";
    }

    @Override
    public List<Parameter> parameters() {
        return Parameters.CAPPED;
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
        private final PerCpuArea lists;
        private final ClassTable cap;
        private final ClassTable refill;
        private final ClassTable flush;

        Instance(Settings settings, StrategyContext context) {
            super(context, 0);
            lists = new PerCpuArea(context.layout(), context.cpus(), classes);
            cap = Parameters.cap(settings, context, classes);
            refill = Parameters.refill(settings, context, classes);
            flush = Parameters.flush(settings, context, classes);
        }

        @Override
        void malloc(Assembler a, Cold cold) {
            VersionedStack stack = new VersionedStack(this::find, pad, cold);
            Assembler.Label empty = a.label();
            Frame.save(a, 1);
            Frame.copies(a, 3);
            stack.pop(a, true, empty);
            Frame.restore(a, 1);
            end(a, Mark.MALLOC);
            a.place(empty);
            Batches.refill(a, pool, refill, (as, refused) -> stack.push(as, false, cap, refused));
            end(a, Mark.MALLOC);
        }

        @Override
        void free(Assembler a, Cold cold) {
            VersionedStack stack = new VersionedStack(this::find, pad, cold);
            Assembler.Label full = a.label();
            Frame.save(a, 1);
            Frame.copies(a, 1);
            stack.push(a, true, cap, full);
            Frame.restore(a, 1);
            end(a, Mark.FREE);
            a.place(full);
            Batches.flush(a, pool, flush, (as, dry) -> stack.pop(as, false, dry));
            end(a, Mark.FREE);
        }

        private void find(Assembler a, int list, int temporary) {
            currentCpu(a, temporary);
            lists.address(a, list, temporary, temporary + 1);
        }

        @Override
        void audit(Audit audit) {
            audit.listsWithDepth(lists, context.cpus(), Place::cpu);
        }
    }
}
