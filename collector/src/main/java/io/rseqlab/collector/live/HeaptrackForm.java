package io.rseqlab.collector.live;

import io.rseqlab.trace.malloc.MallocOrigin;

/**
 * The raw text that heaptrack's preloaded library writes, all numbers hexadecimal: {@code + size trace address},
 * {@code - address}, {@code c} and milliseconds since the start; other letters are about symbols and back traces. It
 * has no threads, and a reallocation is a free and an allocation. Source: the format as its output shows it.
 */
final class HeaptrackForm implements MallocForm {
    private static final long THREAD = 0;
    private static final long NANOS_PER_MS = 1_000_000;
    private static final String OTHERS = "tcRvxXIsmaiA#k";

    private long timeNanos;
    private boolean timed;

    @Override
    public Line parse(Fields line, MallocCall call) {
        if (line.is(0, "+") && line.count() == 4) {
            call.begin(MallocCall.Op.ALLOCATE, THREAD).sizeBytes = line.hex(1);
            call.address = line.hex(3);
        } else if (line.is(0, "-") && line.count() == 2) {
            call.begin(MallocCall.Op.FREE, THREAD).address = line.hex(1);
        } else if (line.is(0, "c")) {
            timeNanos = line.hex(1) * NANOS_PER_MS;
            timed = true;
            return line.wrong() ? Line.UNKNOWN : Line.OTHER;
        } else {
            boolean other = line.count() == 0
                    || OTHERS.indexOf(line.line().strip().charAt(0)) >= 0
                            && line.text(0).length() == 1
                    || line.line().startsWith("#");
            return other ? Line.OTHER : Line.UNKNOWN;
        }
        call.timeNanos = timeNanos;
        return line.wrong() ? Line.UNKNOWN : Line.CALL;
    }

    @Override
    public MallocOrigin origin() {
        return new MallocOrigin("heaptrack", false, timed, false, false);
    }

    @Override
    public String example() {
        return "+ 20 3 55d0c6a8e2a0";
    }
}
