package io.rseqlab.collector.published;

import io.rseqlab.collector.isa.Assembler;

/**
 * Operations that published micro-benchmarks repeat. Each is what the compiled loop executes, in the micro-operations
 * of the model; registers stand for what compilers keep in registers. Counters and sections are those of the author's
 * repository rseq-test (benchmark-rseq.c, rseq-x86.h, rseq-arm.h).
 */
public enum LoopProgram {
    /** A counter per CPU: getcpu without entering the kernel, then an atomic addition. */
    COUNTER_VDSO_ATOMIC {
        @Override
        void write(LoopCode code) {
            code.cpuFromVdso();
            code.atomicAdd(LoopCode.FIRST);
        }
    },
    /** The same where getcpu is a system call and an atomic addition stands between two barriers. */
    COUNTER_SYSCALL_ATOMIC(true) {
        @Override
        void write(LoopCode code) {
            code.cpuFromSyscall();
            code.orderedAtomicAdd(LoopCode.FIRST);
        }
    },
    /** The same as a restartable section. */
    COUNTER_RSEQ {
        @Override
        void write(LoopCode code) {
            code.rseqAdd("count", LoopCode.FIRST);
        }
    },
    /** The same on arm32. */
    COUNTER_RSEQ_ARM32(true) {
        @Override
        void write(LoopCode code) {
            COUNTER_RSEQ.write(code);
        }
    },
    /**
     * What the ways differ in when an event is written to a ring buffer per CPU: reserve by compare-and-swap of the
     * offset, count what is committed.
     */
    EVENT_VDSO_ATOMIC {
        @Override
        void write(LoopCode code) {
            code.cpuFromVdso();
            code.atomicReserve();
            code.atomicAdd(LoopCode.SECOND);
        }
    },
    /** The same where getcpu is a system call and atomic operations stand between barriers. */
    EVENT_SYSCALL_ATOMIC(true) {
        @Override
        void write(LoopCode code) {
            code.cpuFromSyscall();
            code.fence();
            code.atomicReserve();
            code.fence();
            code.orderedAtomicAdd(LoopCode.SECOND);
        }
    },
    /** The same as two restartable sections. */
    EVENT_RSEQ {
        @Override
        void write(LoopCode code) {
            code.rseqReserve();
            code.rseqAdd("commit", LoopCode.SECOND);
        }
    },
    /** The same on arm32. */
    EVENT_RSEQ_ARM32(true) {
        @Override
        void write(LoopCode code) {
            EVENT_RSEQ.write(code);
        }
    },
    /**
     * A reader of RCU with counters per CPU: enter, full barrier, read a pointer and compare what it points at, full
     * barrier, leave. liburcu does without the barriers where it was compiled with membarrier, which the system of the
     * publication (glibc 2.19-0ubuntu6: Ubuntu 14.04, headers of Linux 3.13) did not know.
     */
    RCU_VDSO_ATOMIC {
        @Override
        void write(LoopCode code) {
            code.loadPeriod();
            code.cpuFromVdso();
            code.atomicAdd(LoopCode.FIRST);
            code.fence();
            code.dereference();
            code.fence();
            code.cpuFromVdso();
            code.atomicAdd(LoopCode.SECOND);
            code.checkFutex();
        }
    },
    /** The same where getcpu is a system call and atomic additions stand between barriers. */
    RCU_SYSCALL_ATOMIC(true) {
        @Override
        void write(LoopCode code) {
            code.loadPeriod();
            code.cpuFromSyscall();
            code.orderedAtomicAdd(LoopCode.FIRST);
            code.fence();
            code.dereference();
            code.fence();
            code.cpuFromSyscall();
            code.orderedAtomicAdd(LoopCode.SECOND);
            code.checkFutex();
        }
    },
    /** The same with restartable sections for the counters. */
    RCU_RSEQ {
        @Override
        void write(LoopCode code) {
            code.loadPeriod();
            code.rseqAdd("lock", LoopCode.FIRST);
            code.fence();
            code.dereference();
            code.fence();
            code.rseqAdd("unlock", LoopCode.SECOND);
            code.checkFutex();
        }
    },
    /** The same on arm32. */
    RCU_RSEQ_ARM32(true) {
        @Override
        void write(LoopCode code) {
            RCU_RSEQ.write(code);
        }
    },
    /** An atomic addition to one counter that all threads want. */
    COUNTER_SHARED {
        @Override
        void write(LoopCode code) {
            code.firstEntry();
            code.atomicAdd(LoopCode.FIRST);
        }
    },
    /** An atomic addition to a counter of the thread's own, on a line of its own. */
    COUNTER_APART {
        @Override
        void write(LoopCode code) {
            code.ownEntry();
            code.atomicAdd(LoopCode.FIRST);
        }
    },
    /** A counter behind one lock that all threads want: exchange, or pause and again; the counter is on its line. */
    LOCK_GLOBAL {
        @Override
        void write(LoopCode code) {
            code.firstEntry();
            code.lockedIncrement();
        }
    },
    /** A counter behind a lock per CPU, getcpu each time. */
    LOCK_PER_CPU {
        @Override
        void write(LoopCode code) {
            code.cpuFromVdso();
            code.lockedIncrement();
        }
    },
    /** The same, but getcpu only every thirty-second time. */
    LOCK_CACHED_CPU {
        @Override
        void write(LoopCode code) {
            code.cpuNowAndThen(32);
            code.lockedIncrement();
        }
    },
    /** A counter of the thread's own in thread-local storage, no lock. */
    NO_LOCK {
        @Override
        void write(LoopCode code) {
            code.ownEntry();
            code.incrementThreadLocal();
        }
    };

    private final boolean arm32;

    LoopProgram() {
        this(false);
    }

    LoopProgram(boolean arm32) {
        this.arm32 = arm32;
    }

    abstract void write(LoopCode code);

    /** Writes the endless loop. */
    final void write(Assembler a) {
        LoopCode code = new LoopCode(a, arm32);
        Assembler.Label turn = a.here();
        write(code);
        code.endOfTurn(turn);
    }
}
