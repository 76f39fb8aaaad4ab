package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import io.rseqlab.collector.strategy.block.RseqArea;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * By what number a list is found: the first choice of the factorial. The concurrency id is a small number that the
 * kernel gives each running thread of a process for itself, at most as many as CPUs or threads; it lies in the rseq
 * area (Linux 6.3 and later).
 */
enum ListIndex {
    /** The thread's number. */
    THREAD(0, 0),
    /** The CPU's number, from the rseq area. */
    CPU(RseqArea.CPU_ID_START, RseqArea.CPU_ID),
    /** The CPU's number where no area is registered: the C library's getcpu. */
    GETCPU(0, 0),
    /** The concurrency id. */
    CID(RseqArea.MM_CID, RseqArea.MM_CID);

    /** Where the number lies in the rseq area: to be read before a section, and to be compared inside. */
    final int before;

    final int inside;

    ListIndex(int before, int inside) {
        this.before = before;
        this.inside = inside;
    }

    /** What a setting comes to on this kernel. */
    static ListIndex of(boolean concurrencyId, StrategyContext context) {
        if (!context.rseq()) {
            return GETCPU;
        }
        return concurrencyId && context.concurrencyIds() ? CID : CPU;
    }

    /** rd = the number, good as an index at any time. May change T11; A0 is kept. */
    void load(Assembler a, int rd) {
        switch (this) {
            case THREAD -> a.ld64(rd, Reg.TLS, ThreadAreas.ID);
            case CPU -> PerCpuArea.currentCpu(a, rd);
            case GETCPU -> PerCpuArea.getcpu(a, rd, Reg.T11);
            default -> {
                a.ld64(Reg.RSEQ, Reg.TLS, ThreadAreas.RSEQ_POINTER);
                a.ld32(rd, Reg.RSEQ, before);
            }
        }
    }

    /** How many numbers there can be. */
    int numbers(StrategyContext context) {
        return this == THREAD ? context.threads() : context.cpus();
    }

    /** Where a block on the list of that number lies. */
    Place place(int number) {
        return switch (this) {
            case THREAD -> Place.thread(number);
            case CID -> Place.cpu(number).as("cid " + number);
            default -> Place.cpu(number);
        };
    }
}
