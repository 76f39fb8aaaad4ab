package io.rseqlab.collector.live;

import io.rseqlab.trace.malloc.MallocOrigin;

/**
 * The text of the C library's mtrace: {@code @ place + address size}, {@code - address}, a reallocation as a line with
 * {@code <} and the old address and one with {@code >}, the new address and the size, {@code !} for one that failed.
 * The place is free text, so lines are read from their end. Neither threads nor time. Source: the form as glibc's
 * manual describes it, "Interpreting the traces".
 */
final class MtraceForm implements MallocForm {
    private static final long THREAD = 0;
    private long old;

    @Override
    public Line parse(Fields line, MallocCall call) {
        if (line.count() == 0 || line.is(0, "=")) {
            return Line.OTHER;
        }
        int last = line.count() - 1;
        if (line.is(last - 1, "-")) {
            call.begin(MallocCall.Op.FREE, THREAD).address = line.number(last);
        } else if (line.is(last - 1, "<")) {
            old = line.number(last);
            return line.wrong() ? Line.UNKNOWN : Line.OTHER;
        } else if (line.is(last - 2, "+")) {
            call.begin(MallocCall.Op.ALLOCATE, THREAD).address = line.number(last - 1);
        } else if (line.is(last - 2, ">")) {
            call.begin(MallocCall.Op.REALLOCATE, THREAD).address = line.number(last - 1);
            call.oldAddress = old;
        } else if (line.is(last - 2, "!")) {
            call.begin(MallocCall.Op.REALLOCATE, THREAD).oldAddress = line.number(last - 1);
        } else {
            return Line.UNKNOWN;
        }
        if (call.op != MallocCall.Op.FREE) {
            call.sizeBytes = line.number(last);
        }
        return line.wrong() ? Line.UNKNOWN : Line.CALL;
    }

    @Override
    public MallocOrigin origin() {
        return new MallocOrigin("mtrace", false, false, false, false);
    }

    @Override
    public String example() {
        return "@ ./program:[0x401136] + 0x4052a0 0x20";
    }
}
