package io.rseqlab.collector.strategy.block;

/**
 * Where the words of a block lie, as byte offsets. A free block keeps its list's link and depth inside itself; the
 * owner word belongs to strategies that know owners; the payload word is the application's. All other bytes are never
 * touched.
 */
public final class NodeLayout {
    /** Next node of the list the block is on, 0 at its end. */
    public static final int NEXT = 0;
    /** In the top node of a capped list: how many nodes the list has. */
    public static final int DEPTH = 8;
    /** Who gets the block back: a thread's or CPU's number. */
    public static final int OWNER = 16;
    /** First word that the application may write. */
    public static final int PAYLOAD = 24;

    private NodeLayout() {}
}
