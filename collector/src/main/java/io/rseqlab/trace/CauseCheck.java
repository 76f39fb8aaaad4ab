package io.rseqlab.trace;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * That the event an abort names as its cause has happened, to its thread, and is of a fitting kind. Of each thread the
 * last events are remembered, so memory does not grow with the trace; what is older than those is believed.
 */
final class CauseCheck implements EventSink {
    private static final int EVERYONE = Integer.MIN_VALUE;

    private final BiConsumer<Invariant, String> report;
    private final Map<Integer, Recent> recents = new HashMap<>();

    /** The last events that concern a thread. */
    private static final class Recent {
        private static final int SIZE = 64;
        private final long[] sequences = new long[SIZE];
        private final EventKind[] kinds = new EventKind[SIZE];
        private int count;

        Recent() {
            Arrays.fill(sequences, Event.ABSENT);
        }

        void add(long sequence, EventKind kind) {
            sequences[count % SIZE] = sequence;
            kinds[count % SIZE] = kind;
            count++;
        }

        EventKind kindOf(long sequence) {
            for (int index = 0; index < SIZE; index++) {
                if (sequences[index] == sequence) {
                    return kinds[index];
                }
            }
            return null;
        }

        boolean forgot(long sequence) {
            return count > SIZE && sequence < Arrays.stream(sequences).min().getAsLong();
        }
    }

    CauseCheck(BiConsumer<Invariant, String> report) {
        this.report = report;
    }

    @Override
    public void accept(Event event) {
        switch (event.kind()) {
            case SWITCH -> {
                remember(event.thread(), event);
                if (event.has(Column.OTHER_THREAD)) {
                    remember((int) event.number(Column.OTHER_THREAD), event);
                }
            }
            case PREEMPT, SIGNAL, MIGRATE -> remember(event.thread(), event);
            case MEMBARRIER_IPI -> remember(EVERYONE, event);
            case ABORT -> check(event);
            default -> {}
        }
    }

    private void remember(int thread, Event event) {
        recents.computeIfAbsent(thread, unused -> new Recent()).add(event.sequence(), event.kind());
    }

    private void check(Event event) {
        if (!event.has(Column.CAUSE_SEQUENCE) || !event.has(Column.CAUSES)) {
            return;
        }
        long cause = event.number(Column.CAUSE_SEQUENCE);
        int causes = (int) event.number(Column.CAUSES);
        if ((causes & Cause.INJECTED) != 0) {
            return;
        }
        EventKind kind = kindOf(event.thread(), cause);
        if (kind == null) {
            Recent recent = recents.get(event.thread());
            if (cause >= event.sequence() || recent == null || !recent.forgot(cause)) {
                report.accept(
                        Invariant.CAUSE_COMES_BEFORE,
                        "cause_sequence " + cause + " is no earlier event of thread " + event.thread());
            }
        } else if (!fits(kind, causes)) {
            report.accept(
                    Invariant.CAUSE_FITS,
                    "event " + cause + " is a " + kind.id() + ", causes are " + Cause.namesOf(causes));
        }
    }

    private EventKind kindOf(int thread, long sequence) {
        Recent own = recents.get(thread);
        EventKind kind = own == null ? null : own.kindOf(sequence);
        Recent common = recents.get(EVERYONE);
        return kind == null && common != null ? common.kindOf(sequence) : kind;
    }

    /** A stale bit was left by any of these. */
    private static boolean fits(EventKind kind, int causes) {
        if ((causes & Cause.STALE) != 0) {
            return true;
        }
        int needed = switch (kind) {
            case SWITCH -> Cause.PREEMPTION | Cause.MIGRATION;
            case PREEMPT -> Cause.PREEMPTION;
            case SIGNAL -> Cause.SIGNAL;
            case MIGRATE -> Cause.MIGRATION;
            case MEMBARRIER_IPI -> Cause.MEMBARRIER;
            default -> 0;
        };
        return (causes & needed) != 0;
    }
}
