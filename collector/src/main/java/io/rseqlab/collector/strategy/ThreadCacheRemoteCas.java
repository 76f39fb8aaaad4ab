package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.Frame;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import io.rseqlab.collector.strategy.block.PrivateList;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.List;

/**
 * A list per thread; a foreign block is swapped at once onto a second list of its owner, the thread that got it from
 * the pool. The owner takes that list whole, by one exchange, when its own is empty. No caps. Tiers: 0 own list, or one
 * swap onto the owner's; 1 that list was taken, or a refill; 2 a swap failed, or the pool's mutex was taken.
 */
final class ThreadCacheRemoteCas implements AllocatorStrategy {
    @Override
    public String id() {
        return "thread-cache-remote-cas";
    }

    @Override
    public String summary() {
        return "list per thread, no synchronisation, foreign blocks are swapped onto their owner's list";
    }

    @Override
    public String source() {
        return "mimalloc's thread-free list (Leijen et al., APLAS 2019), per thread instead of per page";
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
        private static final int OWNER = Reg.T2;
        private static final int REMOTE = Reg.T3;
        private static final int HEAD = Reg.T4;
        private static final int SEEN = Reg.T5;

        private final PrivateList local;
        private final PerCpuArea remote;
        private final ClassTable refill;

        Instance(Settings settings, StrategyContext context) {
            super(context, 0);
            local = new PrivateList(pad, classes);
            remote = new PerCpuArea(context.layout(), context.threads(), classes);
            refill = Parameters.uncappedRefill(settings, context, classes);
        }

        @Override
        void malloc(Assembler a, Cold cold) {
            Assembler.Label empty = a.label();
            Assembler.Label none = a.label();
            local.pop(a, empty);
            end(a, Mark.MALLOC);

            a.place(empty);
            a.mark(Mark.TIER, 1);
            a.ld64(OWNER, Reg.TLS, ThreadAreas.ID);
            remote.address(a, REMOTE, OWNER, HEAD);
            a.ld64(HEAD, REMOTE, PerCpuArea.HEAD);
            a.beqz(HEAD, none);
            a.xchg(Reg.A0, REMOTE, PerCpuArea.HEAD, Reg.ZERO);
            a.ld64(HEAD, Reg.A0, NodeLayout.NEXT);
            local.replace(a, HEAD);
            end(a, Mark.MALLOC);

            a.place(none);
            local.refill(a, pool, refill);
            end(a, Mark.MALLOC);
        }

        @Override
        void free(Assembler a, Cold cold) {
            Assembler.Label foreign = a.label();
            Assembler.Label failed = a.label();
            Frame.copies(a, 2);
            PrivateList.testOwner(a, Reg.A0, OWNER, foreign);
            local.push(a, Reg.A0, true);
            end(a, Mark.FREE);

            a.place(foreign);
            remote.address(a, REMOTE, OWNER, HEAD);
            a.ld64(HEAD, REMOTE, PerCpuArea.HEAD);
            Static.bump(a, Reg.TLS, ThreadAreas.REMOTE_FREES, SEEN);
            Assembler.Label again = a.here();
            a.st64(Reg.A0, NodeLayout.NEXT, HEAD);
            a.cas64(SEEN, REMOTE, PerCpuArea.HEAD, HEAD, Reg.A0);
            a.bne(SEEN, HEAD, failed);
            end(a, Mark.FREE);
            cold.later(() -> {
                a.place(failed);
                a.mark(Mark.TIER, 2);
                a.mov(HEAD, SEEN);
                a.jmp(again);
            });
        }

        @Override
        void audit(Audit audit) {
            locals(audit, local, false);
            audit.lists(
                    remote, context.threads(), thread -> Place.thread(thread).as("returned to thread " + thread));
        }
    }
}
