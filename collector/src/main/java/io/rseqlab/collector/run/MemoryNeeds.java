package io.rseqlab.collector.run;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.UsageException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What is said of a run that needs more memory than there is. */
final class MemoryNeeds {
    /** Units of parameters that say how many objects there are, or how large they are. */
    private static final Set<String> UNITS = Set.of("objects", "bytes", "batches", "tasks");

    private MemoryNeeds() {}

    /**
     * A refusal that names what to lower.
     *
     * @param what what is full, and how much that is
     */
    static UsageException tooMuch(RunSpec spec, String what) {
        List<String> values = spec.workload().parameters().stream()
                .filter(parameter -> UNITS.contains(parameter.unit()))
                .map(Parameter::name)
                .map(name -> name + "=" + spec.workloadSettings().count(name))
                .collect(Collectors.toList());
        values.add("--threads " + spec.threads());
        return new UsageException(what + ". Have fewer objects or smaller ones: " + String.join(", ", values)
                + "; or a shorter --duration, where memory grows with time; or fewer runs at a time (--jobs 1)."
                + " Of this run nothing stays");
    }
}
