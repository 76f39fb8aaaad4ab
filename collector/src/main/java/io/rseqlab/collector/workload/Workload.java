package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/** A pattern of allocations and frees, as micro-programs that call malloc and free by label; never sees a strategy. */
public interface Workload {
    /** Unique kebab-case name. */
    String id();

    String summary();

    List<Parameter> parameters();

    /**
     * Refuses settings that contradict each other, each being allowed by itself.
     *
     * @throws io.rseqlab.collector.spec.UsageException naming them
     */
    default void check(Settings settings) {}

    /** The sizes that it asks for with these settings; with several, malloc's argument is the class's number in A0. */
    default SizeClasses sizes(Settings settings) {
        return SizeClasses.ONE_LINE;
    }

    /**
     * The workload with what its settings name outside of the program, such as a file; itself where they name nothing.
     * Nothing else is asked of a workload that was not bound, but its name and parameters.
     */
    default Workload bind(Settings settings) {
        return this;
    }

    /** The settings as a run is known by them: a file by the digest of its content, wherever it lay. */
    default Settings identity(Settings settings) {
        return settings;
    }

    /** How many threads it has by itself; 0 if it takes as many as there are. */
    default int ownThreads() {
        return 0;
    }

    /** True if its threads come to an end by themselves with these settings. */
    default boolean ends(Settings settings) {
        return false;
    }

    /** True if threads end during the run with these settings, and others follow them. */
    default boolean threadsEnd(Settings settings) {
        return false;
    }

    /** Reserves memory for one run. */
    WorkloadInstance build(Settings settings, WorkloadContext context);

    /** What may surprise with these settings and so many threads, as a sentence; null if nothing does. */
    default String remark(Settings settings, int threads) {
        return null;
    }
}
