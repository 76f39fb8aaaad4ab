package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When lines are asked for before the access that wants them: behind wrong predictions, and in equal strides. */
class AskedEarlyTest {
    private static final int WINDOW = 100;
    private static final int TAKEN = 30;
    private static final long L2 = 14;

    @Test
    void behindAWrongPredictionALineWasAskedForAsIfDispatchHadNotStoodStill() {
        WrongPath path = new WrongPath(WINDOW, TAKEN, L2);
        path.mispredicted(10, 0, 500, 1000);
        assertThat(path.requestUnits(20, 0, 1010, 1020, 1020)).isEqualTo(520);
        assertThat(path.requestUnits(109, 0, 1010, 1020, 1020)).isEqualTo(520);
        assertThat(path.requestUnits(110, 0, 1010, 1020, 1020))
                .as("beyond the window")
                .isEqualTo(1020);
    }

    /** Behind a loop of more turns than branches can be under way nothing is asked for before the loop is over. */
    @Test
    void nothingIsAskedForBeyondTheTakenBranchesThatCanBeUnderWay() {
        WrongPath path = new WrongPath(WINDOW, TAKEN, L2);
        path.mispredicted(10, 5, 500, 1000);
        assertThat(path.requestUnits(50, 4 + TAKEN, 1010, 1020, 1020)).isEqualTo(520);
        assertThat(path.requestUnits(50, 5 + TAKEN, 1010, 1020, 1020)).isEqualTo(1020);
        path.mispredicted(50, 5 + TAKEN - 1, 300, 1400);
        assertThat(path.requestUnits(60, 5 + TAKEN, 1410, 1420, 1420))
                .as("the second alone")
                .isEqualTo(1420 - 300);
    }

    @Test
    void anAddressFromBeforeTheBranchIsWaitedFor() {
        WrongPath path = new WrongPath(WINDOW, TAKEN, L2);
        path.mispredicted(10, 0, 500, 1000);
        assertThat(path.requestUnits(20, 0, 1010, 1020, 900)).isEqualTo(900);
        assertThat(path.requestUnits(20, 0, 1010, 1200, 1200))
                .as("it hangs on a miss")
                .isEqualTo(1200);
    }

    @Test
    void lostTimesAddUpWithinTheWindow() {
        WrongPath path = new WrongPath(WINDOW, TAKEN, L2);
        path.mispredicted(10, 0, 500, 1000);
        path.mispredicted(70, 0, 300, 1400);
        assertThat(path.requestUnits(80, 0, 1410, 1420, 1420)).isEqualTo(1420 - 800);
        assertThat(path.requestUnits(120, 0, 1410, 1420, 1420))
                .as("the second alone")
                .isEqualTo(1420 - 300);
        path.forget();
        assertThat(path.requestUnits(80, 0, 1410, 1420, 1420)).isEqualTo(1420);
    }

    /** A list whose lines take 100 each, walked behind 250 lost units: two of its lines come in that time. */
    @Test
    void ofAListEachLineIsAskedForWhenTheOneBeforeHasCome() {
        WrongPath path = new WrongPath(WINDOW, TAKEN, L2);
        path.mispredicted(10, 0, 250, 1000);
        long address = 1000;
        long[] asked = new long[4];
        for (int i = 0; i < asked.length; i++) {
            long issue = Math.max(address, 1000 + i);
            asked[i] = path.requestUnits(20 + i, 0, 1000 + i, issue, address);
            address = Math.max(asked[i] + 100, issue + 4);
            path.came(true, asked[i] + 100, issue + 4);
        }
        assertThat(asked).containsExactly(750, 850, 950, 1050);
        assertThat(path.requestUnits(30, 0, 1008, 1008, 1007))
                .as("hangs on none of them")
                .isEqualTo(1008 - 250);
        path.mispredicted(10 + WINDOW, 0, 250, 2000);
        assertThat(path.requestUnits(20 + WINDOW, 0, 2000, 2004, 1004))
                .as("a new window")
                .isEqualTo(2004 - 250);
    }

    @Test
    void equalStridesAreAskedForAheadOnceTheyWereSeenAgain() {
        StridePrefetcher prefetcher = new StridePrefetcher(3, 4, 1);
        long[] asked = new long[14];
        for (int i = 0; i < asked.length; i++) {
            asked[i] = prefetcher.requestUnits(0, 100 + 2L * i, 1000L * i);
        }
        assertThat(prefetcher.streaming()).isTrue();
        // the first stride is seen with the second line, again for the third time with the fifth
        assertThat(asked).startsWith(0, 1000, 2000, 3000, 4000);
        assertThat(asked[5]).isEqualTo(4000);
        assertThat(asked[8]).isEqualTo(4000);
        assertThat(asked[9]).isEqualTo(5000);
        assertThat(asked[13]).isEqualTo(9000);
    }

    @Test
    void anotherStrideBeginsAnew() {
        StridePrefetcher prefetcher = new StridePrefetcher(3, 4, 1);
        for (int i = 0; i < 10; i++) {
            prefetcher.requestUnits(0, 100 + 2L * i, 1000L * i);
        }
        assertThat(prefetcher.requestUnits(0, 500, 20_000)).isEqualTo(20_000);
        assertThat(prefetcher.streaming()).isFalse();
        assertThat(prefetcher.requestUnits(0, 502, 21_000)).isEqualTo(21_000);
    }
}
