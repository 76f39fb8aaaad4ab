package io.rseqlab.collector.published;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.List;

/**
 * Pieces of the programs. There is an entry of 128 bytes per CPU, as in the kernel's own rseq tests: two counters in
 * its first line, or a counter and its lock.
 */
final class LoopCode {
    static final int ENTRY_BITS = 7;
    /** Offset of an entry's first counter. */
    static final int FIRST = 0;
    /** Offset of its second one, or of its lock. */
    static final int SECOND = 8;

    /** struct rseq: cpu_id_start and cpu_id, 32 bits each. */
    private static final int CPU_ID_START = 0;

    private static final int CPU_ID = 4;

    /** Turns left, counted down. */
    static final int TURNS = Reg.W0;
    /** The constant 1. */
    static final int ONE = Reg.W1;
    /** How often the CPU was asked for. */
    private static final int ASKED = Reg.W2;
    /** The CPU's entry as it was when last asked for. */
    private static final int LAST_ENTRY = Reg.W3;
    /** Address of what all threads read: the period, a futex, a pointer to a word; one line. */
    static final int SHARED = Reg.W4;

    static final int PERIOD = 0;
    static final int FUTEX = 8;
    static final int POINTER = 16;
    static final int WORD = 24;
    private static final int DESCRIPTOR = 32;

    private static final int CPU = Reg.T0;
    private static final int ENTRY = Reg.T1;
    private static final int VALUE = Reg.T2;
    private static final int OLD = Reg.T3;
    private static final int SCRATCH = Reg.T4;

    /**
     * Finding thread-local storage on arm32: reading cpu_id takes 16.7 ns in a loop that takes 8.4 without it, at 1 GHz
     * (Linux commit d7822b1e24f2, table of ways to read the current CPU number), of which two are the load's.
     */
    private static final int TLS_CYCLES = 6;

    private final Assembler a;
    private final boolean arm32;
    /** Code that compilers put behind the loop. */
    private final List<Runnable> cold = new ArrayList<>();

    /**
     * @param arm32 what 32-bit ARM does otherwise: turns are counted in 64 bits, that is two registers, thread-local
     *     storage has to be found, and behind a section stands its abort handler, over which it jumps
     */
    LoopCode(Assembler a, boolean arm32) {
        this.a = a;
        this.arm32 = arm32;
    }

    /**
     * One fused count and branch ends every turn; on arm32 additions to two registers, comparisons of two, and a
     * branch.
     */
    void endOfTurn(Assembler.Label turn) {
        for (int i = 0; i < 4 && arm32; i++) {
            a.addi(SCRATCH, SCRATCH, 1);
        }
        a.djnz(TURNS, turn);
        Assembler.Label end = a.here();
        a.jmp(end);
        cold.forEach(Runnable::run);
    }

    // ---- which entry

    private void entryOf(int cpu) {
        a.shli(ENTRY, cpu, ENTRY_BITS);
        a.add(ENTRY, ENTRY, Reg.WORKLOAD);
    }

    /**
     * The instruction behind it (LSL, or RDTSCP before Linux 3.19) reads the descriptor table, or waits for the reads
     * before it: it is ordered behind barriers and locked operations as a load is.
     */
    void cpuFromVdso() {
        askVdso();
        entryOf(Reg.A0);
    }

    private void askVdso() {
        a.ld64(Reg.A0, SHARED, DESCRIPTOR);
        a.host(HostCall.HOST_GETCPU);
    }

    void cpuFromSyscall() {
        a.syscall(HostCall.SYS_GETCPU);
        entryOf(Reg.A0);
    }

    /** Asks for the CPU every so many turns, a power of two. */
    void cpuNowAndThen(int turns) {
        Assembler.Label known = a.label();
        a.andi(SCRATCH, ASKED, turns - 1);
        a.addi(ASKED, ASKED, 1);
        a.bnez(SCRATCH, known);
        askVdso();
        a.shli(LAST_ENTRY, Reg.A0, ENTRY_BITS);
        a.place(known);
        a.add(ENTRY, LAST_ENTRY, Reg.WORKLOAD);
    }

    /** All threads use the first CPU's entry. */
    void firstEntry() {
        a.mov(ENTRY, Reg.WORKLOAD);
    }

    /** The entry of the thread itself. */
    void ownEntry() {
        a.mov(ENTRY, Reg.TLS);
    }

    // ---- counting

    /**
     * Addressed through a segment register with a base, as x86-64 reaches thread-local storage: one cycle more for the
     * load (Intel's optimization manual, load latencies), for which a second addition stands.
     */
    void incrementThreadLocal() {
        a.ld32(VALUE, ENTRY, FIRST);
        a.addi(VALUE, VALUE, 0);
        a.addi(VALUE, VALUE, 1);
        a.st32(ENTRY, FIRST, VALUE);
    }

    private void increment() {
        a.ld32(VALUE, ENTRY, FIRST);
        a.addi(VALUE, VALUE, 1);
        a.st32(ENTRY, FIRST, VALUE);
    }

    void atomicAdd(int offset) {
        a.xadd(OLD, ENTRY, offset, ONE);
    }

    void orderedAtomicAdd(int offset) {
        a.fence();
        atomicAdd(offset);
        a.fence();
    }

    void fence() {
        a.fence();
    }

    /** Moves the offset on if nobody else has meanwhile. */
    void atomicReserve() {
        Assembler.Label again = a.here();
        a.ld64(VALUE, ENTRY, FIRST);
        a.addi(SCRATCH, VALUE, 1);
        a.cas64(OLD, ENTRY, FIRST, VALUE, SCRATCH);
        a.bne(OLD, VALUE, again);
    }

    /** A section up to its comparison of the CPU; an attempt that is aborted or on another CPU starts over. */
    private Assembler.SectionLabel begin(String name) {
        Assembler.Label retry = a.here();
        findThread();
        a.ld32(CPU, Reg.RSEQ, CPU_ID_START);
        entryOf(CPU);
        Assembler.SectionLabel section = a.section(name, retry);
        a.arm(section, SCRATCH);
        a.start(section);
        a.ld32(SCRATCH, Reg.RSEQ, CPU_ID);
        a.bne(SCRATCH, CPU, retry);
        return section;
    }

    private void findThread() {
        if (arm32) {
            a.work(TLS_CYCLES);
        }
    }

    private void commit(Assembler.SectionLabel section) {
        a.commit(section);
        if (arm32) {
            Assembler.Label behind = a.label();
            a.jmp(behind);
            a.place(behind);
        }
    }

    void rseqAdd(String name, int offset) {
        Assembler.SectionLabel section = begin(name);
        a.ld64(VALUE, ENTRY, offset);
        a.addi(VALUE, VALUE, 1);
        a.st64(ENTRY, offset, VALUE);
        commit(section);
    }

    /** The same as {@link #atomicReserve}, with the value read before the section and compared inside. */
    void rseqReserve() {
        Assembler.Label retry = a.here();
        findThread();
        a.ld32(CPU, Reg.RSEQ, CPU_ID_START);
        entryOf(CPU);
        a.ld64(OLD, ENTRY, FIRST);
        a.addi(VALUE, OLD, 1);
        Assembler.SectionLabel section = a.section("reserve", retry);
        a.arm(section, SCRATCH);
        a.start(section);
        a.ld32(SCRATCH, Reg.RSEQ, CPU_ID);
        a.bne(SCRATCH, CPU, retry);
        a.ld64(SCRATCH, ENTRY, FIRST);
        a.bne(SCRATCH, OLD, retry);
        a.st64(ENTRY, FIRST, VALUE);
        commit(section);
    }

    // ---- locking

    /** Exchange until it was free, count, and a plain store. */
    void lockedIncrement() {
        Assembler.Label busy = a.label();
        Assembler.Label again = a.here();
        a.xchg(OLD, ENTRY, SECOND, ONE);
        a.bnez(OLD, busy);
        increment();
        a.st32(ENTRY, SECOND, Reg.ZERO);
        cold.add(() -> {
            a.place(busy);
            a.pause();
            a.jmp(again);
        });
    }

    // ---- RCU

    void loadPeriod() {
        a.ld64(SCRATCH, SHARED, PERIOD);
    }

    void dereference() {
        Assembler.Label equal = a.label();
        a.ld64(VALUE, SHARED, POINTER);
        a.ld64(VALUE, VALUE, 0);
        a.beq(VALUE, ONE, equal);
        a.place(equal);
    }

    void checkFutex() {
        Assembler.Label nobody = a.label();
        a.ld64(SCRATCH, SHARED, FUTEX);
        a.beqz(SCRATCH, nobody);
        a.place(nobody);
    }
}
