package io.rseqlab.collector.isa;

/**
 * A restartable sequence of a program. It spans the micro-operations from {@code start} to before {@code end}; the last
 * of them is the commit.
 *
 * @param number its index in the program, also that of its descriptor
 * @param name what it is called in traces
 * @param start first micro-operation inside
 * @param end first micro-operation behind the commit
 * @param abort where the kernel sends an aborted attempt; the signature stands before it
 */
public record Section(int number, String name, int start, int end, int abort) {
    /** Micro-operations inside, marks not counted. */
    public int length() {
        return end - start;
    }
}
