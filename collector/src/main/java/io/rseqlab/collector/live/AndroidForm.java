package io.rseqlab.collector.live;

import io.rseqlab.trace.malloc.MallocOrigin;

/**
 * The text of Android's memory_replay: thread, function, what it returned, its arguments; newer ones end with two times
 * in nanoseconds, between which the call ran. Source: the format as its traces show it, and
 * {@code platform_system_extras/memory_replay} (Apache-2.0).
 */
final class AndroidForm implements MallocForm {
    private boolean timed = true;
    private boolean any;

    @Override
    public Line parse(Fields line, MallocCall call) {
        if (line.count() < 3 || line.last(0) != ':') {
            return line.count() == 0 || line.line().startsWith("#") ? Line.OTHER : Line.UNKNOWN;
        }
        long thread = line.number(0, 1, 10);
        long address = line.number(2);
        int times;
        if (line.is(1, "malloc")) {
            call.begin(MallocCall.Op.ALLOCATE, thread).sizeBytes = line.number(3);
            times = 4;
        } else if (line.is(1, "free")) {
            call.begin(MallocCall.Op.FREE, thread);
            times = 3;
        } else if (line.is(1, "realloc")) {
            call.begin(MallocCall.Op.REALLOCATE, thread).oldAddress = line.number(3);
            call.sizeBytes = line.number(4);
            times = 5;
        } else if (line.is(1, "calloc")) {
            call.begin(MallocCall.Op.ALLOCATE, thread).sizeBytes = product(line.number(3), line.number(4));
            times = 5;
        } else if (line.is(1, "memalign")) {
            call.begin(MallocCall.Op.ALLOCATE, thread).sizeBytes = line.number(4);
            times = 5;
        } else if (line.is(1, "thread_done")) {
            call.begin(MallocCall.Op.THREAD_END, thread);
            times = 3;
        } else {
            return Line.UNKNOWN;
        }
        call.address = address;
        readTimes(line, times, call);
        return line.wrong() || line.count() < times || call.sizeBytes < 0 ? Line.UNKNOWN : Line.CALL;
    }

    private void readTimes(Fields line, int first, MallocCall call) {
        any = true;
        if (line.count() >= first + 2) {
            call.timeNanos = line.number(first);
            call.durationNanos = Math.max(0, line.number(first + 1) - call.timeNanos);
        } else if (call.op != MallocCall.Op.THREAD_END) {
            timed = false;
        }
    }

    @Override
    public MallocOrigin origin() {
        return new MallocOrigin("android", true, timed && any, timed && any, false);
    }

    @Override
    public String example() {
        return "186: malloc 0xb6037058 20";
    }

    /** Bytes of so many elements, -1 where no size can hold them. */
    private static long product(long elements, long elementBytes) {
        boolean overflows = Math.multiplyHigh(elements, elementBytes) != 0 || elements * elementBytes < 0;
        return overflows ? -1 : elements * elementBytes;
    }
}
