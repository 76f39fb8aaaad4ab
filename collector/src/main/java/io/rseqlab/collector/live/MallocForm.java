package io.rseqlab.collector.live;

import io.rseqlab.trace.malloc.MallocOrigin;

/**
 * A text form in which recorders write malloc calls, one line each. A form may remember lines, so every file needs one
 * of its own.
 */
interface MallocForm {
    /** What a line turned out to be. */
    enum Line {
        /** A call, now in the {@link MallocCall}. */
        CALL,
        /** Something else that belongs to the form. */
        OTHER,
        /** Nothing that the form knows. */
        UNKNOWN
    }

    /** Reads a line into a call. */
    Line parse(Fields line, MallocCall call);

    /** What in the last line that was {@link Line#UNKNOWN} could not be read, in words; null if the form cannot say. */
    default String whyUnknown() {
        return null;
    }

    /** What traces in this form know, once all lines were read. */
    MallocOrigin origin();

    /** What a line looks like. */
    String example();
}
