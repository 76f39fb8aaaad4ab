package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.Batches;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import java.util.List;

/**
 * A capped intrusive list per CPU, popped and pushed in restartable sections; a foreign block is pushed like any other.
 * Tiers: 0 pop or push; 1 refill or flush; 2 waited for the pool's mutex.
 *
 * <p>Where the kernel offers no rseq it is {@code percpu-lock}: lists per CPU behind locks, the CPU's number from
 * getcpu. So does the real one: cosmopolitan's dlmalloc tests {@code cpu_id >= 0} (rseq.inc) and otherwise takes
 * lock-guarded arenas by sched_getcpu (threaded.inc; it asks anew every fiftieth time, this every time).
 */
final class RseqFreelist implements AllocatorStrategy {
    @Override
    public String id() {
        return "rseq-freelist";
    }

    @Override
    public String summary() {
        return "list per CPU, restartable sections, foreign blocks stay where they are freed";
    }

    @Override
    public String source() {
        return "cosmopolitan third_party/dlmalloc/rseq.inc; back end as in TCMalloc's per-CPU mode";
    }

    @Override
    public List<Parameter> parameters() {
        return Parameters.CAPPED;
    }

    @Override
    public boolean usesRseq() {
        return true;
    }

    @Override
    public String fallback() {
        return "percpu-lock";
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return context.rseq() ? new Instance(settings, context) : PercpuLock.instance(settings, context);
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
            RseqSections sections = new RseqSections(lists, pad, call, cold);
            Assembler.Label empty = a.label();
            sections.pop(a, "pop", true, empty);
            end(a, Mark.MALLOC);
            a.place(empty);
            Batches.refill(a, pool, refill, (as, refused) -> sections.push(as, "refill_push", false, cap, refused));
            end(a, Mark.MALLOC);
        }

        @Override
        void free(Assembler a, Cold cold) {
            RseqSections sections = new RseqSections(lists, pad, call, cold);
            Assembler.Label full = a.label();
            sections.push(a, "push", true, cap, full);
            end(a, Mark.FREE);
            a.place(full);
            Batches.flush(a, pool, flush, (as, dry) -> sections.pop(as, "flush_pop", false, dry));
            end(a, Mark.FREE);
        }

        @Override
        void audit(Audit audit) {
            audit.listsWithDepth(lists, context.cpus(), Place::cpu);
        }
    }
}
