package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import java.util.List;

/**
 * What a program was recorded to ask of its allocator, asked again. The addresses are the modelled allocator's own; the
 * order between threads is the trace's wherever an object goes from one to another ({@link ReplayPlan}), and else free
 * within a window ({@link ReplayDirector}). An operation is one allocation or one free; a reallocation is one of each,
 * with a copy between them.
 *
 * <p>What comes next is data of the host, handed over by a call that costs {@value #CALL_CYCLES} cycles: it stands for
 * the code between two calls of a program, and leaves neither traces in the caches nor branches to be mispredicted. A
 * live object's address lies in a word of the program's memory, as it would in some object of its own. Whoever
 * allocates writes the object's first bytes; whoever copies reads and writes eight of every 32 bytes, as wide registers
 * would.
 */
final class Replay implements Workload {
    private static final String TRACE = "trace";
    private static final String LOOP = "loop";
    private static final String WINDOW = "window";
    private static final String THINK = "think";
    private static final String PACE = "pace";
    private static final String BLOCKED = "blocked_us";
    private static final String CALL_NS = "call_ns";
    private static final String LARGEST = "largest";
    private static final String TOUCH = "touch";

    private static final int CALL_CYCLES = 8;

    /** The trace; null as long as nobody said which. */
    private final RecordedCalls calls;

    Replay() {
        this(null);
    }

    private Replay(RecordedCalls calls) {
        this.calls = calls;
    }

    @Override
    public String id() {
        return "replay";
    }

    @Override
    public String summary() {
        return "the calls of a recorded program: a malloc trace that import malloc or record malloc made";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.text(TRACE, "FILE", "the malloc trace; run.json names it by its content digest"),
                Parameter.count(LOOP, "", 1, 0, 1, "1: what is left is freed and the trace begins again; 0: once"),
                Parameter.count(WINDOW, "events", 256, 1, 1 << 30, "how far a thread may be ahead of the last one"),
                Parameter.count(
                        THINK, "turns", 0, 0, 1_000_000_000, "turns of an empty loop per step, if there is no time"),
                Parameter.number(PACE, "", 1, 0, 1000, "recorded time between calls is multiplied by this"),
                Parameter.count(
                        BLOCKED,
                        "us",
                        200,
                        1,
                        1 << 30,
                        "time between calls from which a thread sleeps, and does not work"),
                Parameter.count(CALL_NS, "ns", 20, 0, 1_000_000, "what a recorded call took, if the trace cannot tell"),
                Parameter.count(LARGEST, "bytes", 32_768, 32, 1 << 22, "larger objects are as large as this"),
                Parameter.count(TOUCH, "bytes", 256, 1, 1 << 22, "bytes of a new object that are written"));
    }

    @Override
    public Workload bind(Settings settings) {
        if (settings.text(TRACE).isEmpty()) {
            throw new UsageException("replay needs a trace: replay:trace=FILE, where rseqlab import malloc or rseqlab"
                    + " record malloc made FILE");
        }
        return new Replay(RecordedCalls.read(settings.text(TRACE)));
    }

    @Override
    public Settings identity(Settings settings) {
        return settings.withText(TRACE, "sha256-" + calls.digest.substring(0, 32));
    }

    @Override
    public int ownThreads() {
        return calls.threadCount;
    }

    @Override
    public boolean ends(Settings settings) {
        return settings.count(LOOP) == 0;
    }

    @Override
    public String remark(Settings settings, int threads) {
        String who = calls.origin.threadsKnown()
                ? calls.threadCount + " recorded threads run as " + threads
                : "single thread: the trace does not say who called, so that nothing is freed by another thread";
        String when = calls.origin.timed()
                ? "time between calls is the trace's"
                : "the trace has no time: how much a program does between calls is think=TURNS, and decides how much"
                        + " the allocator matters";
        String missing = calls.origin.missing(calls.events);
        String cut = calls.cut(settings.count(LARGEST));
        return who + "; " + when + (missing == null ? "" : "; " + missing) + (cut == null ? "" : "; " + cut);
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        int largest = (int) settings.count(LARGEST);
        return SizeClasses.upTo(Math.max(2 * SizeClasses.GRANULE_BYTES, Math.min(largest, calls.mostBytes)));
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context);
    }

    private final class Instance extends PaddedInstance {
        /** Where a thread waits: nobody has woken it, somebody has, or it sleeps. */
        private static final int WOKEN = 1;

        private static final int ASLEEP = 2;
        /** Looks between two questions whether to go on looking. */
        private static final int SPINS = 32;
        /** Wake-ups that a waiting thread looks for: who waits for a thread that is being woken must not sleep too. */
        private static final int PATIENCE_WAKE_UPS = 2;

        private static final int SLOT = Reg.W0;
        private static final int AMOUNT = Reg.W1;
        private static final int OBJECT = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int NEWEST = Reg.W4;
        private static final int WORD = Reg.W5;
        private static final int STATE = Reg.W6;

        private final ThreadLoop loop;
        private final ReplayDirector director;
        private final long table;
        private final long words;
        private final String[] labels = {
            "replay allocate",
            "replay free",
            "replay copy",
            "replay think",
            "replay sleep",
            "replay park",
            "replay wake",
            "replay end"
        };
        private final int[] positions = new int[ReplayDirector.KINDS];

        Instance(Settings settings, WorkloadContext context) {
            super(settings);
            int threads = context.threads();
            boolean loops = settings.count(LOOP) == 1;
            ReplayPlan plan = new ReplayPlan(
                    calls,
                    threads,
                    sizes(settings),
                    (int) settings.count(LARGEST),
                    (int) settings.count(TOUCH),
                    loops,
                    settings.count(CALL_NS));
            double cyclesPerNano = context.clockHz() * 1e-9;
            director = new ReplayDirector(
                    plan,
                    threads,
                    loops,
                    settings.count(WINDOW),
                    settings.count(THINK),
                    settings.number(PACE) * cyclesPerNano,
                    Math.round(settings.count(BLOCKED) * 1e3 * cyclesPerNano),
                    PATIENCE_WAKE_UPS * context.wakeUpCycles());
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            table = layout.reserve(8L * Math.max(1, plan.slotCount()), 2 * Layout.LINE);
            words = layout.reserve((long) Layout.LINE * threads, 2 * Layout.LINE);
        }

        @Override
        public long thinkCycles() {
            return director.thinkCycles();
        }

        @Override
        public long orderWaitCycles(long now) {
            return director.waitedCycles(now);
        }

        @Override
        public double passes() {
            return director.passes();
        }

        @Override
        public void linked(Program program) {
            for (int kind = 0; kind < labels.length; kind++) {
                positions[kind] = program.position(labels[kind]);
            }
        }

        @Override
        public long hostCall(int number, int thread, long[] registers) {
            if (number == HostCall.HOST_LEAVE) {
                int parked = director.leave();
                registers[Reg.A0] = parked < 0 ? 0 : word(parked);
                return CALL_CYCLES;
            }
            long now = registers[Reg.A0];
            if (number == HostCall.HOST_LOOK_ON) {
                registers[Reg.A0] = director.looksOn(thread, now, registers[Reg.A1]) ? 1 : 0;
                return CALL_CYCLES;
            }
            int kind = director.next(thread, now);
            registers[Reg.A0] = positions[kind];
            registers[Reg.A1] = switch (kind) {
                case ReplayDirector.THINK, ReplayDirector.SLEEP -> director.argument;
                case ReplayDirector.PARK -> word(thread);
                case ReplayDirector.WAKE -> word((int) director.argument);
                case ReplayDirector.END -> 0;
                default -> table + 8 * director.argument;
            };
            registers[Reg.A2] = (long) director.amount << 32 | director.sizeClass;
            return CALL_CYCLES;
        }

        private long word(int thread) {
            return words + (long) thread * Layout.LINE;
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            a.place(a.label("replay"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            a.host(HostCall.HOST_NEXT);
            a.ret(Reg.A0);

            a.place(a.label("replay allocate"));
            allocate(a);
            counted(a, next, exit);
            a.place(a.label("replay free"));
            a.ld64(OBJECT, Reg.A1, 0);
            loop.release(a, OBJECT);
            counted(a, next, exit);
            a.place(a.label("replay copy"));
            copy(a);
            a.jmp(next);

            a.place(a.label("replay think"));
            Assembler.Label turn = a.here();
            a.djnz(Reg.A1, turn);
            loop.again(a, next);
            a.jmp(exit);
            a.place(a.label("replay sleep"));
            a.mov(Reg.A0, Reg.A1);
            a.syscall(HostCall.SYS_NANOSLEEP);
            loop.again(a, next);
            a.jmp(exit);
            a.place(a.label("replay park"));
            park(a);
            loop.again(a, next);
            a.jmp(exit);
            a.place(a.label("replay wake"));
            a.mov(WORD, Reg.A1);
            wake(a);
            a.jmp(next);

            a.place(exit);
            Assembler.Label end = a.label();
            a.host(HostCall.HOST_LEAVE);
            a.beqz(Reg.A0, end);
            a.mov(WORD, Reg.A0);
            wake(a);
            a.jmp(exit);
            a.place(a.label("replay end"));
            loop.exit(a, end);
        }

        private void counted(Assembler a, Assembler.Label next, Assembler.Label exit) {
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            loop.again(a, next);
            a.jmp(exit);
        }

        /** Allocates for the slot at A1 and writes the object's lines. */
        private void allocate(Assembler a) {
            Assembler.Label written = a.label();
            a.mov(SLOT, Reg.A1);
            a.andi(Reg.A0, Reg.A2, ReplayPlan.CLASS_MASK);
            a.shri(AMOUNT, Reg.A2, 32);
            loop.allocate(a);
            a.mov(NEWEST, Reg.A0);
            a.st64(SLOT, 0, NEWEST);
            a.beqz(AMOUNT, written);
            a.mov(SCRATCH, NEWEST);
            Assembler.Label line = a.here();
            a.addi(SCRATCH, SCRATCH, Layout.LINE);
            a.st64(SCRATCH, 0, ThreadLoop.ONE);
            a.djnz(AMOUNT, line);
            a.place(written);
        }

        /** Copies from the object of the slot at A1 into the newest. */
        private static void copy(Assembler a) {
            a.ld64(OBJECT, Reg.A1, 0);
            a.shri(AMOUNT, Reg.A2, 32);
            a.mov(SLOT, NEWEST);
            Assembler.Label granule = a.here();
            a.ld64(SCRATCH, OBJECT, 0);
            a.st64(SLOT, 0, SCRATCH);
            a.addi(OBJECT, OBJECT, SizeClasses.GRANULE_BYTES);
            a.addi(SLOT, SLOT, SizeClasses.GRANULE_BYTES);
            a.djnz(AMOUNT, granule);
        }

        /** Waits at the word at A1 until woken: looks as long as the director has it look, then sleeps. */
        private void park(Assembler a) {
            Assembler.Label out = a.label();
            a.mov(WORD, Reg.A1);
            Assembler.Label round = a.here();
            a.li(SCRATCH, SPINS);
            Assembler.Label look = a.here();
            a.ld64(STATE, WORD, 0);
            a.bnez(STATE, out);
            a.pause();
            a.djnz(SCRATCH, look);
            a.host(HostCall.HOST_LOOK_ON);
            a.bnez(Reg.A0, round);
            a.li(SCRATCH, ASLEEP);
            a.cas64(STATE, WORD, 0, Reg.ZERO, SCRATCH);
            a.bnez(STATE, out);
            Assembler.Label sleep = a.here();
            a.mov(Reg.A0, WORD);
            a.mov(Reg.A1, SCRATCH);
            a.syscall(HostCall.SYS_FUTEX_WAIT);
            a.ld64(STATE, WORD, 0);
            a.beq(STATE, SCRATCH, sleep);
            a.place(out);
            a.st64(WORD, 0, Reg.ZERO);
        }

        /** Wakes who waits at the word at WORD. */
        private void wake(Assembler a) {
            Assembler.Label awake = a.label();
            a.li(SCRATCH, WOKEN);
            a.xchg(STATE, WORD, 0, SCRATCH);
            a.li(SCRATCH, ASLEEP);
            a.bne(STATE, SCRATCH, awake);
            a.mov(Reg.A0, WORD);
            a.mov(Reg.A1, ThreadLoop.ONE);
            a.syscall(HostCall.SYS_FUTEX_WAKE);
            a.place(awake);
        }

        @Override
        public String entry(int thread) {
            return "replay";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
