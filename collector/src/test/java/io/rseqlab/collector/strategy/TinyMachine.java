package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.isa.TransactionStatus;
import io.rseqlab.collector.strategy.block.CentralPool;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import io.rseqlab.collector.workload.WorkloadInstance;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Executes programs one micro-operation at a time, sequentially consistent and without time. Whoever drives it decides
 * which CPU steps and which thread a CPU switches to; the rules of restartable sections are applied at switch-in.
 */
final class TinyMachine extends TinyMemory {
    final Program program;
    final List<TinyThread> threads = new ArrayList<>();
    final TinyThread[] running;
    final TinyOracle oracle;
    /** Spans of the central pool. */
    final List<Long> spans = new ArrayList<>();
    /** Where the spans of page heaps come from. */
    final TinyPages pages;
    /** Hears the number of a thread that has ended and is followed by another. */
    IntConsumer whenEnded = thread -> {};

    /** Free blocks of the bound, by class and CPU. */
    final List<Deque<Long>> ideal = new ArrayList<>();

    private final Map<Long, Integer> idealClasses = new HashMap<>();
    private final SizeClasses sizes;
    /** Answers host calls that are a workload's. */
    WorkloadInstance workload;
    /** How often each kind of micro-operation was executed. */
    final long[] executed = new long[Op.COUNT];
    /** Whether the micro-operation at each position was executed. */
    final boolean[] reached;
    /** Whether a section was aborted at each position. */
    final boolean[] aborted;
    /** Areas are registered; otherwise cpu_id says that the kernel refused. */
    boolean rseqOffered = true;
    /** The kernel forgets that membarrier aborts. */
    boolean forgetBarriers;
    /** The kernel forgets to abort. */
    boolean suppressAborts;
    /** How often a thread went to sleep on a word. */
    long sleeps;

    final TinyTransactions transactions;

    TinyMachine(Program program, int cpus, long top, TinyOracle oracle, SizeClasses sizes) {
        super(top);
        this.sizes = sizes;
        this.program = program;
        this.transactions = new TinyTransactions(this);
        this.reached = new boolean[program.code().length];
        this.aborted = new boolean[program.code().length];
        this.running = new TinyThread[cpus];
        this.oracle = oracle;
        this.pages = new TinyPages(this, oracle);
        for (int i = 0; i < cpus * sizes.count(); i++) {
            ideal.add(new ArrayDeque<>());
        }
        for (Section section : program.sections()) {
            long descriptor = Program.descriptor(section.number());
            write64(descriptor + 8, Program.pointer(section.start()));
            write64(descriptor + 16, 4L * section.length());
            write64(descriptor + 24, Program.pointer(section.abort()));
        }
    }

    TinyThread addThread(long rseq, String entry, long workloadBase, long strategyBase) {
        TinyThread thread = new TinyThread(threads.size(), rseq, program.position(entry));
        thread.registers[Reg.WORKLOAD] = workloadBase;
        thread.registers[Reg.TLS] = strategyBase;
        thread.registers[Reg.RSEQ] = rseq;
        write64(strategyBase + ThreadAreas.RSEQ_POINTER, rseq);
        threads.add(thread);
        oracle.addThread();
        return thread;
    }

    // ---- scheduling

    /** Takes the CPU's thread off it; it stays runnable. */
    void switchOut(int cpu) {
        if (running[cpu] != null) {
            transactions.undo(running[cpu], 0);
            running[cpu].cpu = -1;
            running[cpu] = null;
        }
    }

    /** Puts a runnable thread on an idle CPU: abort decision first, then the CPU numbers. */
    void switchIn(int cpu, TinyThread thread) {
        if (running[cpu] != null || thread.cpu >= 0 || thread.state != TinyThread.State.RUNNABLE) {
            throw new IllegalStateException("cannot switch thread " + thread.number + " in on CPU " + cpu);
        }
        running[cpu] = thread;
        thread.cpu = cpu;
        if (rseqOffered) {
            fixUp(thread);
            write(thread.rseq, cpu, 4);
            write(thread.rseq + 4, cpu, 4);
            write(thread.rseq + 24, concurrencyId(thread), 4);
        } else {
            write(thread.rseq + 4, -2, 4);
        }
    }

    /** The smallest number that no other running thread has. */
    private long concurrencyId(TinyThread thread) {
        long id = 0;
        for (int i = 0; i < running.length; i++) {
            TinyThread other = running[i];
            if (other != null && other != thread && read(other.rseq + 24, 4) == id) {
                id++;
                i = -1;
            }
        }
        return id;
    }

    /** A signal is delivered to the thread that a CPU runs: on the way back the kernel looks for a section to abort. */
    void signal(int cpu) {
        if (running[cpu] != null) {
            transactions.undo(running[cpu], 0);
        }
        if (running[cpu] != null && rseqOffered) {
            fixUp(running[cpu]);
        }
    }

    private void fixUp(TinyThread thread) {
        long descriptor = read64(thread.rseq + 8);
        if (descriptor == 0) {
            return;
        }
        long offset = Program.pointer(thread.position) - read64(descriptor + 8);
        if (Long.compareUnsigned(offset, read64(descriptor + 16)) < 0) {
            if (suppressAborts) {
                return;
            }
            Section section = program.sectionAt(thread.position);
            oracle.aborted(thread.number, section.number());
            aborted[thread.position] = true;
            thread.position = program.position(read64(descriptor + 24));
        }
        write64(thread.rseq + 8, 0);
    }

    // ---- execution

    /** The marks here and the micro-operation behind them, on the thread that the CPU runs. */
    void step(int cpu) {
        TinyThread t = running[cpu];
        long word = program.code()[t.position];
        while (Op.code(word) == Op.MARK) {
            oracle.mark(t.number, Op.rd(word), Op.imm(word), t.registers[Op.rs1(word)], t.registers[Reg.A0]);
            word = program.code()[++t.position];
        }
        reached[t.position] = true;
        t.position++;
        executed[Op.code(word)]++;
        if (transactions.inside(t) && cannotBeInside(t, word)) {
            transactions.undo(t, 0);
        } else {
            execute(t, word);
        }
        t.registers[0] = 0;
    }

    /** Calls, PAUSE and faults undo a transaction. */
    private static boolean cannotBeInside(TinyThread t, long word) {
        int op = Op.code(word);
        boolean accesses = op >= Op.LD64 && op <= Op.ST16 || Op.isLocked(op);
        int bytes = op == Op.LD32 || op == Op.ST32 ? 4 : op == Op.LD16 || op == Op.ST16 ? 2 : 8;
        return op == Op.SYSCALL
                || op == Op.HOST
                || op == Op.PAUSE
                || accesses && isWild(t.registers[Op.rs1(word)] + Op.imm(word), bytes);
    }

    private void execute(TinyThread t, long word) {
        long[] r = t.registers;
        int op = Op.code(word);
        int rd = Op.rd(word);
        long a = r[Op.rs1(word)];
        long b = r[Op.rs2(word)];
        int imm = Op.imm(word);
        switch (op) {
            case Op.LI -> r[rd] = program.constants()[imm];
            case Op.MOV -> r[rd] = a;
            case Op.ADD -> r[rd] = a + b;
            case Op.ADDI -> r[rd] = a + imm;
            case Op.SUB -> r[rd] = a - b;
            case Op.AND -> r[rd] = a & b;
            case Op.ANDI -> r[rd] = a & imm;
            case Op.OR -> r[rd] = a | b;
            case Op.XOR -> r[rd] = a ^ b;
            case Op.SHLI -> r[rd] = a << imm;
            case Op.SHRI -> r[rd] = a >>> imm;
            case Op.MUL -> r[rd] = a * b;
            case Op.LD64 -> r[rd] = load(t, a + imm, 8);
            case Op.LD32 -> r[rd] = load(t, a + imm, 4);
            case Op.LD16 -> r[rd] = load(t, a + imm, 2);
            case Op.ST64 -> store(t, a + imm, b, 8);
            case Op.ST32 -> store(t, a + imm, b, 4);
            case Op.ST16 -> store(t, a + imm, b, 2);
            case Op.BEQ -> branch(t, a == b, imm);
            case Op.BNE -> branch(t, a != b, imm);
            case Op.BLT -> branch(t, a < b, imm);
            case Op.BGE -> branch(t, a >= b, imm);
            case Op.DJNZ -> branch(t, --r[Op.rs1(word)] != 0, imm);
            case Op.JMP -> t.position = imm;
            case Op.CALL -> {
                r[rd] = t.position;
                t.position = imm;
            }
            case Op.RET -> t.position = (int) a;
            case Op.CAS64, Op.CAS128, Op.XCHG, Op.XADD -> {
                transactions.touch(t, a + imm, true);
                locked(r, word, a + imm);
            }
            case Op.XBEGIN -> transactions.begin(t, word);
            case Op.XEND -> transactions.end(t);
            case Op.XABORT -> transactions.undo(t, TransactionStatus.explicit(imm));
            case Op.FENCE, Op.PAUSE, Op.WORK -> {}
            case Op.SYSCALL -> syscall(t, imm);
            case Op.HOST -> host(t, imm);
            default -> throw new TinyOracle.Violation("executed " + program.text(t.position - 1));
        }
    }

    private long load(TinyThread t, long address, int bytes) {
        transactions.touch(t, address, false);
        return read(address, bytes);
    }

    private void store(TinyThread t, long address, long value, int bytes) {
        transactions.touch(t, address, true);
        write(address, value, bytes);
    }

    private static void branch(TinyThread t, boolean taken, int target) {
        if (taken) {
            t.position = target;
        }
    }

    private void locked(long[] r, long word, long address) {
        int rd = Op.rd(word);
        int rs2 = Op.rs2(word);
        int rs3 = Op.rs3(word);
        long old = read(address, 8);
        switch (Op.code(word)) {
            case Op.CAS64 -> {
                if (old == r[rs2]) {
                    write(address, r[rs3], 8);
                }
                r[rd] = old;
            }
            case Op.CAS128 -> {
                long second = read(address + 8, 8);
                boolean equal = old == r[rs2] && second == r[rs2 + 1];
                if (equal) {
                    write(address, r[rs3], 8);
                    write(address + 8, r[rs3 + 1], 8);
                } else {
                    r[rs2] = old;
                    r[rs2 + 1] = second;
                }
                r[rd] = equal ? 1 : 0;
            }
            case Op.XCHG -> {
                write(address, r[rs2], 8);
                r[rd] = old;
            }
            default -> {
                write(address, old + r[rs2], 8);
                r[rd] = old;
            }
        }
    }

    private void syscall(TinyThread t, int number) {
        long[] r = t.registers;
        switch (number) {
            case HostCall.SYS_SCHED_YIELD, HostCall.SYS_NANOSLEEP -> {
                r[Reg.A0] = 0;
                switchOut(t.cpu);
            }
            case HostCall.SYS_FUTEX_WAIT -> {
                boolean wait = read(r[Reg.A0], 4) == r[Reg.A1];
                t.futex = r[Reg.A0];
                r[Reg.A0] = wait ? 0 : -11;
                if (wait) {
                    sleeps++;
                    t.state = TinyThread.State.WAITING;
                    switchOut(t.cpu);
                }
            }
            case HostCall.SYS_FUTEX_WAKE -> r[Reg.A0] = wake(r[Reg.A0], r[Reg.A1]);
            case HostCall.SYS_MEMBARRIER -> r[Reg.A0] = barrier(t, r);
            case HostCall.SYS_EXIT_FOLLOWED -> {
                for (int register = 0; register < Reg.WORKLOAD; register++) {
                    r[register] = 0;
                }
                r[Reg.LINK] = 0;
                r[Reg.LINK2] = 0;
                whenEnded.accept(t.number);
                switchOut(t.cpu);
            }
            case HostCall.SYS_EXIT -> {
                t.state = TinyThread.State.EXITED;
                switchOut(t.cpu);
            }
            default -> throw new TinyOracle.Violation("system call " + HostCall.syscallName(number));
        }
    }

    /**
     * The commands for restartable sequences: to say that they will be used, and to abort on one CPU or on all others.
     */
    private long barrier(TinyThread caller, long[] r) {
        if (!rseqOffered) {
            return -22;
        }
        for (TinyThread other : running) {
            boolean asked = other != null && (r[Reg.A1] == 1 ? other.cpu == r[Reg.A2] : other != caller);
            if (r[Reg.A0] == 1 << 7 && asked && !forgetBarriers) {
                fixUp(other);
            }
        }
        return 0;
    }

    private long wake(long futex, long most) {
        long woken = 0;
        for (TinyThread waiter : threads) {
            if (woken < most && waiter.state == TinyThread.State.WAITING && waiter.futex == futex) {
                waiter.state = TinyThread.State.RUNNABLE;
                woken++;
            }
        }
        return woken;
    }

    private void host(TinyThread t, int number) {
        long[] r = t.registers;
        switch (number) {
            case HostCall.HOST_SPAN -> {
                long bytes = r[Reg.A0];
                r[Reg.A0] = extend(bytes);
                if (bytes == CentralPool.SPAN_BYTES) {
                    spans.add(r[Reg.A0]);
                }
            }
            case HostCall.HOST_IDEAL_POP -> r[Reg.A0] = idealPop(t.cpu, sizes.single() ? 0 : (int) r[Reg.A0]);
            case HostCall.HOST_IDEAL_PUSH ->
                ideal.get(idealClasses.get(r[Reg.A0]) * running.length + t.cpu).addFirst(r[Reg.A0]);
            case HostCall.HOST_GETCPU -> r[Reg.A0] = t.cpu;
            case HostCall.HOST_CLOCK -> r[Reg.A0] = Arrays.stream(executed).sum();
            case HostCall.HOST_NEXT, HostCall.HOST_LEAVE, HostCall.HOST_ARRIVAL, HostCall.HOST_LOOK_ON -> {
                r[Reg.A0] = Arrays.stream(executed).sum();
                r[Reg.A1] = t.number % 2; // whether somebody else wants the CPU: some look on, some sleep
                workload.hostCall(number, t.number, r);
            }
            default -> pages.host(number, r, Arrays.stream(executed).sum());
        }
    }

    private long idealPop(int cpu, int sizeClass) {
        Long block = ideal.get(sizeClass * running.length + cpu).pollFirst();
        for (int other = 0; block == null && other < running.length; other++) {
            block = ideal.get(sizeClass * running.length + other).pollFirst();
        }
        if (block == null) {
            block = reserve(sizes.bytes(sizeClass));
            idealClasses.put(block, sizeClass);
        }
        return block;
    }
}
