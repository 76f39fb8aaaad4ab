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

    /** The sizes that it asks for with these settings; with several, malloc's argument is the class's number in A0. */
    default SizeClasses sizes(Settings settings) {
        return SizeClasses.ONE_LINE;
    }

    /** Reserves memory for one run. */
    WorkloadInstance build(Settings settings, WorkloadContext context);

    /** What may surprise with so many threads, as a sentence; null if nothing does. */
    default String remark(int threads) {
        return null;
    }
}
