package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * Inner parts of the machine by themselves, for benchmarks. Each does one thing as often as it is asked, and answers
 * something that depends on all of it, so that the host's compiler cannot leave it out.
 */
public final class InnerParts {
    private static final int CORES = 16;
    private static final int LINES = 64;
    private static final int SLACK_CYCLES = 1000;
    private static final String PROFILE = "generic-64";

    private InnerParts() {}

    /** The parts by what they do once. */
    public static Map<String, LongUnaryOperator> all() {
        Map<String, LongUnaryOperator> parts = new LinkedHashMap<>();
        parts.put("who acts next, of 16 cores", order());
        parts.put("line found in the first level", cache());
        parts.put("branch predicted", predictor());
        parts.put("state of a core taken down and looked up", timings());
        parts.put("micro-operation, interpreter", microOps(Engine.INTERPRETER));
        parts.put("micro-operation, compiled", microOps(Engine.COMPILED));
        return parts;
    }

    private static LongUnaryOperator order() {
        ActingOrder order = new ActingOrder(CORES);
        for (int core = 0; core < CORES; core++) {
            order.set(core, core);
        }
        return times -> {
            long seconds = 0;
            for (long i = 0; i < times; i++) {
                order.set(order.first(), CORES + i);
                seconds += order.second();
            }
            return seconds;
        };
    }

    private static LongUnaryOperator cache() {
        PrivateCache cache = new PrivateCache(1 << 15, 8);
        for (int line = 0; line < LINES; line++) {
            cache.insert(line, 0);
        }
        return times -> {
            long slots = 0;
            for (long i = 0; i < times; i++) {
                int slot = cache.find(i & LINES - 1);
                cache.touch(slot);
                slots += slot;
            }
            return slots;
        };
    }

    /** Of a loop of eight turns, which it counts. */
    private static LongUnaryOperator predictor() {
        Core core = machine(Engine.INTERPRETER).cores[0];
        return times -> {
            long right = 0;
            for (long i = 0; i < times; i++) {
                right += BranchPredictor.predicted(core, 0, (i & 7) != 0, 64) ? 1 : 0;
            }
            return right;
        };
    }

    private static LongUnaryOperator timings() {
        Machine machine = machine(Engine.INTERPRETER);
        machine.run(SLACK_CYCLES);
        Core core = machine.cores[0];
        int[] values = new int[Timing.LENGTH];
        Timing.capture(core, values, machine.interpreter);
        Timing known = new Timing(values.clone(), Timing.hash(values));
        return times -> {
            long same = 0;
            for (long i = 0; i < times; i++) {
                Timing.capture(core, values, machine.interpreter);
                same += known.is(values, Timing.hash(values)) ? 1 : 0;
            }
            return same;
        };
    }

    /** About as many as asked for: a machine runs by cycles. */
    private static LongUnaryOperator microOps(Engine engine) {
        Machine machine = machine(engine);
        Core core = machine.cores[0];
        return times -> {
            long until = core.microOps + times;
            while (core.microOps < until) {
                machine.run(machine.now() + SLACK_CYCLES);
            }
            return core.microOps;
        };
    }

    /** One core that reads, adds and now and then writes private words. */
    private static Machine machine(Engine engine) {
        Layout layout = new Layout(0);
        long data = layout.reserve(4096, 64);
        Assembler code = new Assembler();
        code.place(code.label("main"));
        Assembler.Label again = code.here();
        for (int i = 0; i < 8; i++) {
            code.ld64(Reg.T0, Reg.W0, 8 * i);
            code.addi(Reg.T1, Reg.T0, 1);
            if (i % 4 == 0) {
                code.st64(Reg.W0, 64 + 8 * i, Reg.T1);
            }
        }
        code.jmp(again);
        Program program = code.link();
        Machine machine = new Machine(
                ProfileReader.shipped(PROFILE).withCpus(1),
                program,
                layout,
                null,
                (core, kind, argument, value, cycle) -> false,
                SLACK_CYCLES);
        machine.use(engine);
        ThreadContext thread = new ThreadContext(0, program.position("main"));
        thread.regs[Reg.W0] = data;
        machine.cores[0].enterUser(thread, 0);
        return machine;
    }
}
