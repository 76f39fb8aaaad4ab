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
    private final EventLog log;

    /** Writes the program of a bench; the second argument is the address of 4096 bytes of data. */
    interface Code extends BiConsumer<Assembler, Long> {}

    Bench(int cpus, boolean noise, double signalHz, String[] entries, Code code) {
        this(cpus, noise, signalHz, entries, code, 250);
    }

    Bench(int cpus, boolean noise, double signalHz, String[] entries, Code code, int hz) {
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
        KernelOptions options = new KernelOptions(new Linux618Policy(), false, noise, signalHz, false, false, random);
        kernel = new Kernel(options, log, new Listener(), (thread, cpu, number) -> 0);
        MachineProfile profile = ProfileReader.shipped("zen5-vm-2").withCpus(cpus);
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
            kernel.spawn(context, rseqAreas[i], Program.SIGNATURE);
        }
    }

    private final class Listener implements KernelListener {
        @Override
        public void aborted(int thread, int section) {}

        @Override
        public void abortSuppressed(int thread, int section, int position, long cycle) {}

        @Override
        public void killed(int thread, String reason, long address, long cycle) {
            killed.add(reason);
        }
    }

    /** Runs for a time of the simulated machine. */
    Bench run(double seconds) {
        machine.run(machine.profile.cyclesOf(seconds));
        log.release(Long.MAX_VALUE);
        return this;
    }

    long count(EventKind kind) {
        return events.stream().filter(event -> event.kind() == kind).count();
    }
}
