package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.machine.ThreadContext;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/** A machine with a kernel for hand-written programs: every thread starts at its label with a data line of its own. */
final class Bench {
    final List<Event> events = new ArrayList<>();
    final List<String> killed = new ArrayList<>();
    final Machine machine;
    final Kernel kernel;
    final Program program;
    final long data;
    final long[] rseqAreas;
    final List<String> warnings = new ArrayList<>();
    private final EventLog log;

    /**
     * What a bench is like.
     *
     * @param registered the C library registers an area for each thread
     */
    record Setup(
            RseqPolicy policy,
            int cpus,
            boolean noise,
            double signalHz,
            int hz,
            boolean registered,
            double quotaSeconds,
            double periodSeconds) {
        Setup(RseqPolicy policy, int cpus, boolean noise, double signalHz, int hz, boolean registered) {
            this(policy, cpus, noise, signalHz, hz, registered, 0, 0);
        }

        static Setup of(RseqPolicy policy, int cpus) {
            return new Setup(policy, cpus, false, 0, 250, true);
        }

        Setup signals(double perSecond) {
            return new Setup(policy, cpus, noise, perSecond, hz, registered);
        }

        Setup quota(double seconds, double ofSeconds) {
            return new Setup(policy, cpus, noise, signalHz, hz, registered, seconds, ofSeconds);
        }

        Setup unregistered() {
            return new Setup(policy, cpus, noise, signalHz, hz, false);
        }

        Bench run(double seconds, Code code) {
            return new Bench(this, new String[] {"main"}, code).run(seconds);
        }
    }

    /** Writes the program of a bench; the second argument is the address of 4096 bytes of data. */
    interface Code extends BiConsumer<Assembler, Long> {}

    Bench(int cpus, boolean noise, double signalHz, String[] entries, Code code) {
        this(cpus, noise, signalHz, entries, code, 250);
    }

    Bench(int cpus, boolean noise, double signalHz, String[] entries, Code code, int hz) {
        this(new Setup(new Linux618Policy(), cpus, noise, signalHz, hz, true), entries, code);
    }

    Bench(Setup setup, String[] entries, Code code) {
        Layout layout = new Layout(0);
        data = layout.reserve(4096, 4096);
        rseqAreas = new long[entries.length];
        for (int i = 0; i < entries.length; i++) {
            rseqAreas[i] = layout.reserve(64, 64);
        }
        Assembler assembler = new Assembler();
        code.accept(assembler, data);
        program = assembler.link();
        log = new EventLog(event -> {
            Event copy = new Event();
            copy.copyFrom(event);
            events.add(copy);
        });
        long[] state = {42};
        LongSupplier random = () -> {
            state[0] = state[0] * 6364136223846793005L + 1442695040888963407L;
            return state[0] >>> 1 ^ state[0] << 20;
        };
        MachineProfile profile = ProfileReader.shipped("zen5-vm-2").withCpus(setup.cpus);
        Bandwidth.Limit limit = setup.quotaSeconds == 0
                ? null
                : new Bandwidth.Limit(profile.cyclesOf(setup.quotaSeconds), profile.cyclesOf(setup.periodSeconds));
        KernelOptions options =
                new KernelOptions(setup.policy, false, setup.noise, setup.signalHz, false, false, random, limit);
        kernel = new Kernel(options, log, new Listener(), (thread, cpu, number) -> 0);
        machine = new Machine(
                profile,
                program,
                layout,
                kernel,
                (Core core, int kind, int argument, long value, long cycle) -> false,
                0);
        kernel.boot(machine);
        for (int i = 0; i < entries.length; i++) {
            ThreadContext context = new ThreadContext(i, program.position(entries[i]));
            context.regs[Reg.RSEQ] = rseqAreas[i];
            context.regs[Reg.WORKLOAD] = data + 256L * i;
            kernel.spawn(context, setup.registered ? rseqAreas[i] : 0, Program.SIGNATURE);
        }
    }

    private final class Listener implements KernelListener {
        @Override
        public void aborted(int thread, int section) {}

        @Override
        public void abortSuppressed(int thread, int section, int position, long cycle) {}

        @Override
        public void warned(int thread, String what, long cycle) {
            warnings.add(what);
        }

        @Override
        public void killed(int thread, String reason, long address, long cycle) {
            killed.add(reason);
        }
    }

    /** Threads that share a CPU take turns this often, whatever the kernel's slices are. */
    Bench takingTurns(double seconds) {
        kernel.setTickPeriod(machine.profile.cyclesOf(seconds));
        return this;
    }

    /** Runs for a time of the simulated machine. */
    Bench run(double seconds) {
        machine.run(machine.profile.cyclesOf(seconds));
        log.release(Long.MAX_VALUE);
        return this;
    }

    /** The same, in steps of some cycles; events are released as soon as no earlier one can come any more. */
    Bench runInSteps(double seconds, long stepCycles) {
        long end = machine.profile.cyclesOf(seconds);
        for (long cycle = stepCycles; cycle < end; cycle += stepCycles) {
            machine.run(cycle);
            log.release(Math.min(cycle, machine.settled()));
        }
        log.release(Long.MAX_VALUE);
        return this;
    }

    /** The 64-bit word at an offset into the data. */
    long word(long offset) {
        return machine.memory.read64(data + offset);
    }

    /** Causes of all aborts, in order. */
    List<Long> causes() {
        return events.stream()
                .filter(event -> event.kind() == EventKind.ABORT)
                .map(event -> event.number(Column.CAUSES))
                .toList();
    }

    long count(EventKind kind) {
        return events.stream().filter(event -> event.kind() == kind).count();
    }
}
