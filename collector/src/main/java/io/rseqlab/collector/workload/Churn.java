package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/**
 * Every thread keeps W live objects. One operation: allocate; write a word; think; take the object allocated W
 * operations ago; with some probability swap it with a random slot of a table shared by all; free what came out.
 * Nothing is freed in the first W operations, nor when an empty slot was drawn.
 *
 * <p>Random stream: xorshift64 (13, 7, 17) of G. Marsaglia, "Xorshift RNGs" (2003); one draw per operation, only where
 * hand-off is possible: its upper half decides, its ten lowest bits are the slot.
 */
final class Churn implements Workload {
    private static final String LIVE = "live";
    private static final String THINK = "think";
    private static final String HANDOFF = "handoff";
    private static final int SLOTS = 1024;

    @Override
    public String id() {
        return "churn";
    }

    @Override
    public String summary() {
        return "each thread replaces its oldest live object; with some probability it frees somebody else's instead";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.count(LIVE, "objects", 16, 1, 65_536, "live objects per thread"),
                Parameter.count(THINK, "turns", 0, 0, 1_000_000_000, "turns of an empty loop per operation"),
                Parameter.share(HANDOFF, 0, "probability that an object is swapped with another thread's"),
                WorkloadParameters.PAD,
                WorkloadParameters.CALL_IN_SECTION,
                WorkloadParameters.SLEEP,
                WorkloadParameters.SLEEP_EVERY,
                WorkloadParameters.SIGNAL_HZ);
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context);
    }

    private static final class Instance extends PaddedInstance {
        private static final int LIVE_PARAMETER = 0;
        private static final int THINK_PARAMETER = 1;
        private static final int HANDOFF_PARAMETER = 2;

        private static final int OLD = Reg.W0;
        private static final int RING_POSITION = Reg.W1;
        private static final int RING_SLOT = Reg.W2;
        private static final int SCRATCH = Reg.W3;

        private static final int UNTIL_SLEEP = Reg.W6;

        private final ThreadLoop loop;
        private final long sleepEvery;
        private final long sleepCycles;
        private final long table;

        Instance(Settings settings, WorkloadContext context) {
            super(settings);
            Layout layout = context.layout();
            sleepEvery = settings.count(WorkloadParameters.SLEEP_EVERY.name());
            sleepCycles = Math.round(callSleepSeconds() * context.clockHz());
            long live = settings.count(LIVE);
            long below = (long) (settings.number(HANDOFF) * 0x1p32);
            loop = new ThreadLoop(context, 8 * live, settings.count(THINK), below);
            table = layout.reserve((long) SLOTS * Layout.LINE, 2 * Layout.LINE);
            for (int thread = 0; thread < context.threads(); thread++) {
                long ring = layout.reserve(8 * live, 2 * Layout.LINE);
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, ring);
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label counted = a.label();
            Assembler.Label handOff = a.label();
            Assembler.Label release = a.label();
            Assembler.Label drawn = a.label();
            a.place(a.label("churn"));
            loop.enter(a);
            if (sleepEvery > 0) {
                a.li(UNTIL_SLEEP, sleepEvery);
            }
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            loop.allocate(a);
            loop.think(a, THINK_PARAMETER);
            replaceOldest(a);
            loop.parameter(a, SCRATCH, HANDOFF_PARAMETER);
            a.bnez(SCRATCH, handOff);
            a.place(release);
            a.beqz(OLD, counted);
            a.place(drawn);
            loop.release(a, OLD);
            a.place(counted);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            sleep(a);
            loop.again(a, next);
            loop.exit(a, exit);
            handOff(a, handOff, release, drawn, counted);
        }

        /** Sleeps where it is time to. */
        private void sleep(Assembler a) {
            if (sleepEvery > 0) {
                Assembler.Label awake = a.label();
                a.djnz(UNTIL_SLEEP, awake);
                a.li(Reg.A0, sleepCycles);
                a.syscall(sleepCycles == 0 ? HostCall.SYS_SCHED_YIELD : HostCall.SYS_NANOSLEEP);
                a.li(UNTIL_SLEEP, sleepEvery);
                a.place(awake);
            }
        }

        /** OLD = the object at the ring's position (in bytes), where the one in A0 goes; the position moves on. */
        private void replaceOldest(Assembler a) {
            a.ld64(RING_POSITION, Reg.WORKLOAD, ThreadLoop.POSITION);
            a.ld64(RING_SLOT, Reg.WORKLOAD, ThreadLoop.RING);
            a.add(RING_SLOT, RING_SLOT, RING_POSITION);
            a.ld64(OLD, RING_SLOT, 0);
            a.st64(RING_SLOT, 0, Reg.A0);
            a.addi(RING_POSITION, RING_POSITION, 8);
            loop.parameter(a, SCRATCH, LIVE_PARAMETER);
            // back to 0 at the end without a branch, as a conditional move: times 1 below it, times 0 at it
            a.sub(SCRATCH, RING_POSITION, SCRATCH);
            a.shri(SCRATCH, SCRATCH, 63);
            a.mul(RING_POSITION, RING_POSITION, SCRATCH);
            a.st64(Reg.WORKLOAD, ThreadLoop.POSITION, RING_POSITION);
        }

        /** Draws; swaps OLD with the drawn slot or not. */
        private void handOff(
                Assembler a,
                Assembler.Label begin,
                Assembler.Label release,
                Assembler.Label drawn,
                Assembler.Label counted) {
            int random = Reg.W4;
            int bits = Reg.W5;
            a.place(begin);
            a.ld64(random, Reg.WORKLOAD, ThreadLoop.RANDOM);
            a.shli(bits, random, 13);
            a.xor(random, random, bits);
            a.shri(bits, random, 7);
            a.xor(random, random, bits);
            a.shli(bits, random, 17);
            a.xor(random, random, bits);
            a.st64(Reg.WORKLOAD, ThreadLoop.RANDOM, random);
            a.beqz(OLD, counted);
            loop.parameter(a, SCRATCH, HANDOFF_PARAMETER);
            a.shri(bits, random, 32);
            a.bge(bits, SCRATCH, drawn);
            a.andi(random, random, SLOTS - 1);
            a.li(bits, table);
            a.shli(random, random, 6);
            a.add(random, random, bits);
            a.xchg(OLD, random, 0, OLD);
            a.jmp(release);
        }

        @Override
        public String entry(int thread) {
            return "churn";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
