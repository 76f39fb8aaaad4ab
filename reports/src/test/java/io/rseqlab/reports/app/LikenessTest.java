package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.malloc.MallocEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was run stands for the program where it is like it in numbers, and for nothing where it is not. */
class LikenessTest {
    private static final int CALLS = 100_000;

    /** Pairs of allocation and free in turn by so many threads, with one free in so many by the next one. */
    private static TraceShape shape(int calls, int threads, int remoteOneIn) {
        TraceShape shape = new TraceShape(Integer.MAX_VALUE);
        MallocEvent event = new MallocEvent();
        for (int i = 0; i < calls / 2; i++) {
            event.begin(MallocEvent.Kind.ALLOCATE, i % threads).id = i;
            shape.accept(event);
            boolean remote = remoteOneIn > 0 && i % remoteOneIn == 0;
            event.begin(MallocEvent.Kind.FREE, (i + (remote ? 1 : 0)) % threads).id = i;
            shape.accept(event);
        }
        return shape;
    }

    private static Likeness likeness(TraceShape whole, TraceShape run) {
        return new Likeness(whole, run, true, whole.remoteShare(), 45);
    }

    @Test
    void whatIsLikeTheProgramIsNotDoubted() {
        TraceShape whole = shape(CALLS, 8, 10);
        assertThat(likeness(whole, whole).doubt()).isNull();
        assertThat(Likeness.isOfPart(likeness(whole, whole).rows())).isFalse();
        Likeness part = likeness(whole, shape(CALLS / 10, 8, 8));
        assertThat(part.doubt()).isNull();
        assertThat(Likeness.isOfPart(part.rows())).isTrue();
    }

    /** Shares of 1 in so many; none is 0. */
    @ParameterizedTest
    @CsvSource({
        "10, 0, false",
        "10, 25, false",
        "10, 18, true",
        "10, 4, false",
        "2, 3, false",
        "100, 0, false",
        "2000, 0, true",
        "0, 2000, true",
        "0, 10, false"
    })
    void handOverIsThereInBothOrInNone(int whole, int run, boolean alike) {
        String doubt =
                likeness(shape(CALLS, 8, whole), shape(CALLS / 2, 8, run)).doubt();
        if (alike) {
            assertThat(doubt).isNull();
        } else {
            assertThat(doubt)
                    .contains("remote frees ", " in what was run", " in the trace. Longer windows help: ")
                    .contains("--host-seconds 90 allows for the whole trace");
        }
    }

    @Test
    void asManyThreadsAreAtWork() {
        TraceShape whole = shape(CALLS, 20, 0);
        assertThat(whole.threadsAtWork()).isEqualTo(20);
        TraceShape mostlyOne = new TraceShape(Integer.MAX_VALUE);
        MallocEvent event = new MallocEvent();
        for (int i = 0; i < CALLS; i++) {
            mostlyOne.accept(event.begin(MallocEvent.Kind.NOTHING, i % 100 == 0 ? 1 + i / 100 % 40 : 0));
        }
        assertThat(mostlyOne.threadsAtWork()).isBetween(1.0, 1.1);
        assertThat(likeness(whole, shape(CALLS / 4, 10, 0)).doubt()).isNull();
        assertThat(likeness(whole, shape(CALLS / 4, 15, 0)).doubt()).isNull();
        assertThat(likeness(whole, shape(CALLS / 4, 8, 0)).doubt())
                .contains("threads at work 8.0 in what was run, 20.0 in the trace");
    }

    /**
     * Calls of one thread at so many nanoseconds from the end of one to the next, with a sleep of 1 ms each hundred.
     */
    private static TraceShape working(int calls, long gapNanos) {
        TraceShape shape = new TraceShape(Integer.MAX_VALUE);
        MallocEvent event = new MallocEvent();
        long now = 0;
        for (int i = 0; i < calls; i++) {
            event.begin(MallocEvent.Kind.NOTHING, 0);
            event.timeNanos = now;
            event.durationNanos = 30;
            shape.accept(event);
            now += 30 + (i % 100 == 99 ? 1_000_000 : gapNanos);
        }
        return shape;
    }

    /** Of a program that works ten times as long between its calls an allocator has another share. */
    @ParameterizedTest
    @CsvSource({"300, 300, true", "300, 160, true", "300, 120, false", "300, 700, false", "5, 39, true", "5, 100, false"
    })
    void asMuchIsDoneBetweenCalls(long whole, long run, boolean alike) {
        TraceShape shape = working(CALLS, whole);
        assertThat(shape.workNanosPerCall()).isBetween(0.98 * whole, 1.0 * whole);
        String doubt = likeness(shape, working(CALLS / 2, run)).doubt();
        if (alike) {
            assertThat(doubt).isNull();
        } else {
            assertThat(doubt).contains("work between calls ", " ns in what was run, ", " in the trace. Longer windows");
        }
    }

    /** Nothing is said of a figure that a trace does not have. */
    @Test
    void withoutTimeThereIsNoWorkToCompare() {
        TraceShape whole = shape(CALLS, 8, 10);
        assertThat(likeness(whole, whole).rows()).noneMatch(row -> row.figure().startsWith("work"));
    }

    @Test
    void ofFewCallsThereIsNoAnswer() {
        TraceShape few = shape(4, 1, 0);
        assertThat(likeness(few, few).doubt()).startsWith("the trace has 4 calls, and an answer takes 10000: ");
        TraceShape enough = shape(10_000, 1, 0);
        assertThat(likeness(enough, enough).doubt()).isNull();
    }

    /** An hour and more is nothing that one recommends. */
    @Test
    void whatWouldTakeTooLongIsNotProposed() {
        assertThat(likeness(shape(2_000_000, 8, 10), shape(10_000, 8, 0)).doubt())
                .contains("--host-seconds above 45, or fewer --seeds or --strategies");
    }

    @Test
    void withoutHandOverAWinnerIsOneOfPrivateWork() {
        TraceShape alone = shape(CALLS, 1, 0);
        assertThat(new Likeness(alone, alone, true, 0, 45).scope()).isEmpty();
        assertThat(new Likeness(alone, alone, false, 0, 45).scope()).isEqualTo(", as far as private work goes");
        assertThat(new Likeness(alone, alone, true, 0.3, 45).scope())
                .as("eight threads, run as one")
                .isEqualTo(", as far as private work goes");
        TraceShape handing = shape(CALLS, 8, 3);
        assertThat(new Likeness(handing, handing, true, 0.3, 45).scope()).isEmpty();
    }
}
