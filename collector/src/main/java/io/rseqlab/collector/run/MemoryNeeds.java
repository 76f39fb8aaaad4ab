package io.rseqlab.collector.run;

import io.rseqlab.collector.machine.Memory;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.UsageException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What is said of a run that needs more memory than there is. */
final class MemoryNeeds {
    /** Units of parameters that say how many objects there are, or how large they are. */
    private static final Set<String> UNITS = Set.of("objects", "bytes", "batches", "tasks");

    private MemoryNeeds() {}

    /** The JVM had less memory than a run needs, which it may have when it is alone. */
    static final class OutgrownException extends UsageException {
        private static final long serialVersionUID = 1L;

        private OutgrownException(String message) {
            super(message);
        }
    }

    /** A refusal of more than any run may have, which names what to lower. */
    static UsageException tooMuch(RunSpec spec, Memory.Full full) {
        return new UsageException(full.getMessage() + advice(spec));
    }

    /** The same for more than this JVM has. To be called where the run's memory is still in use. */
    static OutgrownException outgrown(RunSpec spec, OutOfMemoryError error) {
        return new OutgrownException("the run of " + spec.strategy().id() + " with seed " + spec.seed()
                + " has outgrown the JVM's memory: " + error.getMessage() + ", and " + free()
                + ". RSEQLAB_JAVA_OPTS=-Xmx8g gives it more" + advice(spec));
    }

    /** Verbs have other names for these, so that none is named as an option. */
    private static String advice(RunSpec spec) {
        String values = spec.workload().parameters().stream()
                .filter(parameter -> UNITS.contains(parameter.unit()))
                .map(Parameter::name)
                .map(name -> name + "=" + spec.workloadSettings().count(name) + ", ")
                .collect(Collectors.joining());
        return ". Less is needed with fewer objects or smaller ones (" + values + "threads=" + spec.threads()
                + "), and in less simulated time, where memory grows with it. Of this run nothing stays";
    }

    /** What grows large lives in the largest of the parts into which some collectors divide the heap. */
    private static String free() {
        List<MemoryUsage> parts = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getUsage)
                .filter(usage -> usage.getMax() > 0)
                .toList();
        MemoryUsage largest = parts.stream()
                .max(Comparator.comparing(MemoryUsage::getMax))
                .orElseGet(() -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage());
        long most = Runtime.getRuntime().maxMemory();
        return (largest.getMax() - largest.getUsed() >> 20) + " MiB are free of the " + (largest.getMax() >> 20)
                + " MiB that the JVM has for what is large"
                + (largest.getMax() < most ? ", a part of the " + (most >> 20) + " MiB that it may take" : "");
    }
}
