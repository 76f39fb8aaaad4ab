package io.rseqlab.analyzer.metric;

import io.rseqlab.trace.EventBatch;
import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a metric that needs the order of events saw: stretches of consecutive rows, each with what it found inside and
 * what is open at its ends. Stretches that meet become one, so that whoever saw the whole trace has one stretch,
 * however it was dealt out before. Merging is the union.
 */
final class Pieces<P extends Pieces.Piece<P>> implements Serializable {
    private static final long serialVersionUID = 1L;

    /** What was found in consecutive rows. */
    interface Piece<P> extends Serializable {
        /** Takes in the rows that follow. */
        void observe(EventBatch batch, Scope scope);

        /** Takes in the piece that follows, which stays as it is. */
        void append(P next, Scope scope);

        void write(StateWriter out);
    }

    /** A piece, and the row behind its last. */
    private static final class Span<P> implements Serializable {
        private static final long serialVersionUID = 1L;

        private final P piece;
        private long end;

        Span(P piece, long end) {
            this.piece = piece;
            this.end = end;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Span<?> span && end == span.end && piece.equals(span.piece);
        }

        @Override
        public int hashCode() {
            return Objects.hash(end, piece);
        }
    }

    private final TreeMap<Long, Span<P>> spans = new TreeMap<>();

    void observe(EventBatch batch, Scope scope, Supplier<P> empty) {
        long first = batch.firstRow();
        long end = first + batch.rows();
        Map.Entry<Long, Span<P>> before = spans.floorEntry(first);
        Map.Entry<Long, Span<P>> after = spans.ceilingEntry(first);
        if ((before != null && before.getValue().end > first) || (after != null && after.getKey() < end)) {
            throw new IllegalArgumentException("row " + first + " was seen before");
        }
        if (before != null && before.getValue().end == first) {
            before.getValue().piece.observe(batch, scope);
            before.getValue().end = end;
            join(before.getKey(), scope);
        } else {
            Span<P> span = new Span<>(empty.get(), end);
            span.piece.observe(batch, scope);
            spans.put(first, span);
            join(first, scope);
        }
    }

    /** Takes in the stretch that begins where the one that begins there ends. */
    private void join(long start, Scope scope) {
        Span<P> span = spans.get(start);
        Span<P> next = spans.remove(span.end);
        if (next != null) {
            span.piece.append(next.piece, scope);
            span.end = next.end;
        }
    }

    /** The union; what is in it belongs to it alone. */
    static <P extends Piece<P>> Pieces<P> merge(Pieces<P> a, Pieces<P> b, Scope scope, Supplier<P> empty) {
        TreeMap<Long, Span<P>> both = new TreeMap<>(a.spans);
        b.spans.forEach((start, span) -> {
            if (both.putIfAbsent(start, span) != null) {
                throw new IllegalArgumentException("row " + start + " was seen twice");
            }
        });
        Pieces<P> all = new Pieces<>();
        Span<P> last = null;
        for (Map.Entry<Long, Span<P>> entry : both.entrySet()) {
            if (last != null && entry.getKey() < last.end) {
                throw new IllegalArgumentException("row " + entry.getKey() + " was seen twice");
            }
            if (last == null || last.end != entry.getKey()) {
                last = new Span<>(empty.get(), entry.getValue().end);
                all.spans.put(entry.getKey(), last);
            }
            last.piece.append(entry.getValue().piece, scope);
            last.end = entry.getValue().end;
        }
        return all;
    }

    /** All stretches one behind the other; rows between them that nobody saw are taken to hold nothing. */
    P whole(Scope scope, Supplier<P> empty) {
        P whole = empty.get();
        spans.values().forEach(span -> whole.append(span.piece, scope));
        return whole;
    }

    void write(StateWriter out) {
        out.entries(spans, (start, span) -> {
            out.number(start);
            out.number(span.end);
            span.piece.write(out);
        });
    }

    static <P extends Piece<P>> Pieces<P> read(StateReader in, Function<StateReader, P> piece) {
        Pieces<P> pieces = new Pieces<>();
        in.entries(() -> {
            long start = in.number();
            long end = in.number();
            pieces.spans.put(start, new Span<>(piece.apply(in), end));
        });
        return pieces;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Pieces<?> pieces && spans.equals(pieces.spans);
    }

    @Override
    public int hashCode() {
        return spans.hashCode();
    }
}
