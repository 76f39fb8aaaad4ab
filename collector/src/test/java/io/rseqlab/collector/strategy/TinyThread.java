package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Reg;

/** A simulated thread of the {@link TinyMachine}. */
final class TinyThread {
    final int number;
    final long[] registers = new long[Reg.COUNT];
    final long rseq;
    int position;
    int cpu = -1;
    State state = State.RUNNABLE;
    long futex;

    /** What a thread waits for, if anything. */
    enum State {
        RUNNABLE,
        WAITING,
        EXITED
    }

    TinyThread(int number, long rseq, int position) {
        this.number = number;
        this.rseq = rseq;
        this.position = position;
    }
}
