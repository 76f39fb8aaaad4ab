package io.rseqlab.trace.malloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** What decides between designs is what the calls say, worked out by hand. */
class MallocCharacterTest {
    private static final long WORK_NANOS = 100;
    private static final long CALL_NANOS = 20;
    private static final long SLEEP_NANOS = 1_000_000;

    private final MallocCharacter character = new MallocCharacter();
    private final MallocEvent event = new MallocEvent();
    private long now;

    private void allocate(int thread, int id, int cpu) {
        event.begin(MallocEvent.Kind.ALLOCATE, thread);
        event.id = id;
        event.cpu = cpu;
        pass();
    }

    private void free(int thread, int id) {
        event.begin(MallocEvent.Kind.FREE, thread);
        event.id = id;
        pass();
    }

    private void pass() {
        event.timeNanos = now;
        event.durationNanos = CALL_NANOS;
        character.accept(event);
        now += WORK_NANOS + CALL_NANOS;
    }

    @Test
    void aClockHasBurstinessMinusOneAndNoSleep() {
        for (int i = 0; i < 50; i++) {
            allocate(0, i, 0);
        }
        assertThat(character.burstiness()).isEqualTo(-1);
        assertThat(character.asleepShare()).isZero();
        assertThat(character.workNanosPerCall()).isEqualTo(WORK_NANOS);
        assertThat(character.medianWorkNanos()).isBetween(WORK_NANOS, WORK_NANOS + WORK_NANOS / 64);
        assertThat(character.cpus()).isEqualTo(1);
    }

    /** Gaps 100 nine times and 1 000 000 once: mean m = 100 090, deviation s = 299 970; (s - m) / (s + m). */
    @Test
    void sleepIsNoWorkAndMakesCallsBursty() {
        for (int i = 0; i < 10; i++) {
            allocate(0, i, i % 3);
        }
        now += SLEEP_NANOS - WORK_NANOS;
        allocate(0, 10, 0);
        assertThat(character.workNanosPerCall()).isEqualTo(WORK_NANOS);
        assertThat(character.asleepShare()).isCloseTo(1_000_000.0 / 1_000_900.0, within(1e-12));
        assertThat(character.burstiness()).isCloseTo(199_880.0 / 400_060.0, within(1e-12));
        assertThat(character.cpus()).isEqualTo(3);
    }

    @Test
    void anOwnerIsIdleForWhatComesBackBehindItsLastAllocation() {
        allocate(0, 0, 0);
        allocate(0, 1, 0);
        free(1, 0); // thread 0 allocates again
        allocate(0, 2, 0);
        free(1, 1); // it does not
        free(2, 2);
        free(0, 0);
        allocate(1, 3, 0);
        assertThat(character.freesToIdleOwners()).isEqualTo(new MallocStatistics.Share(2, 3));
        assertThat(character.idleOwners()).isEqualTo(1);
    }

    @Test
    void whoTidiesUpAtTheEndSendsNothingToIdleOwners() {
        allocate(0, 0, 0);
        allocate(1, 1, 0);
        free(1, 0);
        assertThat(character.freesToIdleOwners()).isEqualTo(new MallocStatistics.Share(0, 1));
        assertThat(character.idleOwners()).isZero();
    }

    @Test
    void withoutTimeNothingIsSaidOfIt() {
        event.begin(MallocEvent.Kind.ALLOCATE, 0);
        event.id = 0;
        character.accept(event);
        assertThat(character.burstiness()).isNaN();
        assertThat(character.asleepShare()).isNaN();
        assertThat(character.workNanosPerCall()).isNaN();
        assertThat(character.freesToIdleOwners().value()).isNaN();
    }
}
