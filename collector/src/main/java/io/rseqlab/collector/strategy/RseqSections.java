package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.Pad;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import io.rseqlab.collector.strategy.block.SectionCall;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * Pop and push of a per-CPU list as restartable sections: read the CPU, compute the list's address, arm; inside compare
 * the CPU again, read the list, spend the padding, and commit with one store to the head. An aborted attempt starts
 * over with reading the CPU. By concurrency id it is that which is read and compared. Nothing but words of the caller's
 * own block is written before the commit.
 *
 * <p>Source: cosmopolitan {@code third_party/dlmalloc/rseq.inc} (intrusive list, one head per CPU), with librseq's
 * check of {@code cpu_id} at the section's start and the depth kept in the top node. Changes A0 and T0 to T7, and with
 * calls in sections T10 to T13.
 */
final class RseqSections extends LocalLists {
    private static final int CPU = Reg.T1;
    private static final int LEFT = Reg.T2;
    private static final int LIST = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int NODE = Reg.T5;
    private static final int DEPTH = Reg.T6;
    private static final int CAP = Reg.T7;

    private final Pad pad;
    private final SectionCall call;
    private final Cold cold;

    RseqSections(PerCpuArea lists, ListIndex index, Pad pad, SectionCall call, Cold cold) {
        super(lists, index);
        this.pad = pad;
        this.call = call;
        this.cold = cold;
    }

    @Override
    void pop(Assembler a, String name, boolean padded, Assembler.Label empty) {
        Assembler.Label retry = a.label();
        Assembler.Label stale = a.label();
        Assembler.Label none = a.label();
        Assembler.SectionLabel section = a.section(name, padded ? call.resume(a, cold, retry) : retry);
        a.place(retry);
        a.li(NODE, 0); // stands for a copy that two-address code makes
        arm(a, section, padded, () -> {});
        checkCpu(a, stale);
        a.ld64(Reg.A0, LIST, PerCpuArea.HEAD);
        a.beqz(Reg.A0, none);
        a.ld64(NODE, Reg.A0, NodeLayout.NEXT);
        pad.spend(a, LEFT);
        a.st64(LIST, PerCpuArea.HEAD, NODE);
        a.commit(section);
        a.beqz(Reg.A0, empty);
        cold.later(() -> exits(a, section, stale, retry, none, Mark.EXIT_EMPTY, empty));
    }

    @Override
    void push(Assembler a, Push how) {
        Assembler.Label retry = a.label();
        Assembler.Label stale = a.label();
        Assembler.Label refused = a.label();
        Assembler.Label first = a.label();
        Assembler.SectionLabel section = a.section(how.name(), how.padded() ? call.resume(a, cold, retry) : retry);
        how.cap().load(a, CAP);
        a.place(retry);
        a.li(DEPTH, 0);
        arm(a, section, how.padded(), () -> goIfForeign(a, how));
        checkCpu(a, stale);
        a.ld64(NODE, LIST, PerCpuArea.HEAD);
        a.beqz(NODE, first);
        a.ld64(DEPTH, NODE, NodeLayout.DEPTH);
        a.place(first);
        a.bge(DEPTH, CAP, refused);
        a.st64(Reg.A0, NodeLayout.NEXT, NODE);
        a.addi(SCRATCH, DEPTH, 1);
        a.st64(Reg.A0, NodeLayout.DEPTH, SCRATCH);
        if (how.own()) {
            a.st64(Reg.A0, NodeLayout.OWNER, CPU);
        }
        pad.spend(a, LEFT);
        a.st64(LIST, PerCpuArea.HEAD, Reg.A0);
        a.commit(section);
        a.bge(DEPTH, CAP, how.full());
        cold.later(() -> exits(a, section, stale, retry, refused, Mark.EXIT_FULL, how.full()));
    }

    private static void goIfForeign(Assembler a, Push how) {
        if (how.owner() >= 0) {
            a.bne(how.owner(), CPU, how.foreign());
        }
    }

    /** Reads the CPU, computes the list's address and arms: eight micro-operations before the section. */
    private void arm(Assembler a, Assembler.SectionLabel section, boolean padded, Runnable beforeArming) {
        a.ld64(Reg.RSEQ, Reg.TLS, ThreadAreas.RSEQ_POINTER);
        a.ld32(CPU, Reg.RSEQ, index.before);
        beforeArming.run();
        pad.load(a, LEFT, padded);
        if (padded) {
            call.count(a);
        }
        lists.address(a, LIST, CPU, SCRATCH);
        a.arm(section, SCRATCH);
        a.start(section);
        if (padded) {
            call.make(a);
        }
    }

    private void checkCpu(Assembler a, Assembler.Label stale) {
        a.ld32(SCRATCH, Reg.RSEQ, index.inside);
        a.bne(SCRATCH, CPU, stale);
    }

    /** Where attempts end without commit. */
    private static void exits(
            Assembler a,
            Assembler.SectionLabel section,
            Assembler.Label stale,
            Assembler.Label retry,
            Assembler.Label refused,
            int reason,
            Assembler.Label then) {
        a.place(stale);
        a.exit(section, Mark.EXIT_STALE_CPU);
        a.jmp(retry);
        a.place(refused);
        a.exit(section, reason);
        a.jmp(then);
    }
}
