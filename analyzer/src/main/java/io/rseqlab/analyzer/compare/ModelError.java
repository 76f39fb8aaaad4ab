package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.RunResult;

/**
 * How far the model's throughputs were from measured ones on a machine, as its profile documents it: what seeds do not
 * narrow.
 *
 * @param unshared relative error that half of the points stayed within where threads share nothing, a share
 * @param shared the same where lines go between cores
 * @param source where the two come from
 */
public record ModelError(double unshared, double shared, String source) {
    /** Lines from other cores in an operation from which on runs count as sharing. */
    static final double SHARED_LINES_PER_OP = 0.01;

    /** Knows the error that is documented for the machine of a run. */
    @FunctionalInterface
    public interface Lookup {
        /** Where nothing is known. */
        Lookup NONE = run -> null;

        /** The error, or null where none is documented for as many CPUs. */
        ModelError of(RunResult run);

        /** CPUs that the machine was validated on, where the run has more; null where that is not so, or unknown. */
        default Integer extrapolatedFrom(RunResult run) {
            return null;
        }
    }

    /** The error of runs with so many lines from other cores in an operation; null counts as none. */
    double at(Double linesPerOp) {
        return linesPerOp != null && linesPerOp > SHARED_LINES_PER_OP ? shared : unshared;
    }
}
