package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.Frame;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.Pad;
import io.rseqlab.collector.strategy.block.PerCpuArea;

/**
 * Lists whose head and version are swapped together; any thread may get at any list at any time, so an operation is
 * right even if the thread has moved since it read the CPU. A swap that fails reads the CPU again. Tier 2: a swap
 * failed.
 *
 * <p>Source: Treiber, IBM RJ 5118 (1986), one stack per CPU; versioned pointers of IBM System/370.
 */
final class SwappedLists extends LocalLists {
    private final Pad pad;
    private final Cold cold;

    SwappedLists(PerCpuArea lists, ListIndex index, Pad pad, Cold cold) {
        super(lists, index);
        this.pad = pad;
        this.cold = cold;
    }

    @Override
    void enterMalloc(Assembler a) {
        Frame.save(a, 1);
        Frame.copies(a, 3);
    }

    @Override
    void leaveMalloc(Assembler a) {
        Frame.restore(a, 1);
    }

    @Override
    void enterFree(Assembler a) {
        Frame.save(a, 1);
        Frame.copies(a, 1);
    }

    @Override
    void leaveFree(Assembler a) {
        Frame.restore(a, 1);
    }

    @Override
    void pop(Assembler a, String name, boolean padded, Assembler.Label empty) {
        new VersionedStack((as, list, number) -> find(as, list, number, null), pad, cold).pop(a, padded, empty);
    }

    @Override
    void push(Assembler a, Push how) {
        new VersionedStack((as, list, number) -> find(as, list, number, how), pad, cold)
                .push(a, how.padded(), how.cap(), how.full());
    }

    private void find(Assembler a, int list, int number, Push how) {
        index.load(a, number);
        if (how != null && how.owner() >= 0) {
            a.bne(how.owner(), number, how.foreign());
        }
        if (how != null && how.own()) {
            a.st64(Reg.A0, NodeLayout.OWNER, number);
        }
        lists.address(a, list, number, number + 1);
    }
}
