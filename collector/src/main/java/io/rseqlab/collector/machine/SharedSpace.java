package io.rseqlab.collector.machine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Pieces of address space, all of one size, that no heap has: each is unused as a whole, with pages that the system has
 * got back and others. What came last goes first.
 */
public final class SharedSpace {
    private final Deque<List<PageRuns.Run>> pieces = new ArrayDeque<>();
    private long freeBytes;
    private long goneBytes;

    void give(List<PageRuns.Run> piece) {
        pieces.addFirst(piece);
        count(piece, 1);
    }

    /** A piece with a run of so many bytes; none if there is none. */
    List<PageRuns.Run> take(long bytes) {
        for (List<PageRuns.Run> piece : pieces) {
            if (piece.stream().anyMatch(run -> run.bytes() >= bytes)) {
                pieces.remove(piece);
                count(piece, -1);
                return piece;
            }
        }
        return List.of();
    }

    private void count(List<PageRuns.Run> piece, int sign) {
        for (PageRuns.Run run : piece) {
            if (run.gone()) {
                goneBytes += sign * run.bytes();
            } else {
                freeBytes += sign * run.bytes();
            }
        }
    }

    /** Bytes that the system has not got back. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Bytes that it has. */
    public long goneBytes() {
        return goneBytes;
    }
}
