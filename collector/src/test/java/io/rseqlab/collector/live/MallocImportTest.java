package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocStatistics;
import io.rseqlab.trace.malloc.Repairs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What recorders write down wrongly is put right: a rule a test, on texts small enough to work out by hand. */
class MallocImportTest {
    @TempDir
    Path scratch;

    private final List<String> events = new ArrayList<>();
    private final MallocStatistics statistics = new MallocStatistics();
    private Repairs repairs;

    private static String words(MallocEvent e) {
        return switch (e.kind) {
            case ALLOCATE -> e.thread + " begins " + e.id + " of " + e.sizeBytes;
            case FREE -> e.thread + " ends " + e.id;
            case REALLOCATE -> e.thread + " begins " + e.id + " of " + e.sizeBytes + " from " + e.oldId;
            case LOST_FREE -> e.id + " is lost";
            case THREAD_END -> e.thread + " leaves";
            default -> e.thread + " does nothing";
        };
    }

    private List<String> read(String... lines) throws IOException {
        Path file = scratch.resolve("text");
        Files.write(file, List.of(lines));
        repairs = MallocText.open(file, "android")
                .read(
                        event -> {
                            statistics.accept(event);
                            if (event.kind != MallocEvent.Kind.REUSED) {
                                events.add(words(event));
                            }
                        },
                        true)
                .repairs();
        return events;
    }

    private static String[] with(String first, int fillers, String... last) {
        List<String> lines = new ArrayList<>(List.of(first));
        for (int i = 0; i < fillers; i++) {
            lines.add("9: free 0x0");
        }
        lines.addAll(List.of(last));
        return lines.toArray(String[]::new);
    }

    @Test
    void addressesBecomeObjectsAndThreadsAreNumberedAsTheyCome() throws IOException {
        assertThat(read(
                        "70: malloc 0x10 8",
                        "50: calloc 0x20 3 5",
                        "70: memalign 0x30 64 100",
                        "70: free 0x20",
                        "50: free 0x10",
                        "70: malloc 0x10 9"))
                .containsExactly(
                        "0 begins 0 of 8",
                        "1 begins 1 of 15",
                        "0 begins 2 of 100",
                        "0 ends 1",
                        "1 ends 0",
                        "0 begins 3 of 9");
        assertThat(repairs).isEqualTo(Repairs.NONE);
        assertThat(statistics.remotePlainFrees()).isEqualTo(new MallocStatistics.Share(2, 2));
        assertThat(statistics.live()).isEqualTo(2);
        assertThat(statistics.liveBytes()).isEqualTo(109);
        assertThat(statistics.peakLive()).isEqualTo(3);
        assertThat(statistics.peakLiveBytes()).isEqualTo(123);
    }

    @Test
    void aReallocationEndsOneObjectAndBeginsAnotherEvenInPlace() throws IOException {
        assertThat(read(
                        "1: realloc 0x10 0x0 8",
                        "1: realloc 0x10 0x10 16",
                        "2: realloc 0x20 0x10 32",
                        "1: realloc 0x0 0x20 64",
                        "1: realloc 0x0 0x20 0"))
                .containsExactly(
                        "0 begins 0 of 8",
                        "0 begins 1 of 16 from 0",
                        "1 begins 2 of 32 from 1",
                        "0 does nothing",
                        "0 ends 2");
        assertThat(repairs.failedRequests()).isEqualTo(1);
        assertThat(statistics.remoteEnds()).isEqualTo(new MallocStatistics.Share(2, 3));
        assertThat(statistics.remotePlainFrees()).isEqualTo(new MallocStatistics.Share(1, 1));
        assertThat(statistics.live()).isZero();
    }

    @Test
    void aFreeOfNothingAndAFailedRequestHaveNoEffect() throws IOException {
        assertThat(read("1: malloc 0x0 8", "1: free 0x0")).containsExactly("0 does nothing", "0 does nothing");
        assertThat(repairs).isEqualTo(new Repairs(0, 0, 0, 1, 0));
    }

    @Test
    void aFreeOfAnUnknownAddressIsCountedAndNoFailure() throws IOException {
        assertThat(read("1: free 0x10", "1: realloc 0x20 0x30 5")).containsExactly("0 does nothing", "0 begins 0 of 5");
        assertThat(repairs.unknownFrees()).isEqualTo(2);
    }

    @Test
    void aFreeBeforeItsAllocationIsPutBehind() throws IOException {
        assertThat(read("2: free 0x10", "1: malloc 0x10 8", "1: malloc 0x10 9"))
                .containsExactly("0 does nothing", "1 begins 0 of 8", "0 ends 0", "1 begins 1 of 9");
        assertThat(repairs).isEqualTo(new Repairs(1, 0, 0, 0, 0));
        assertThat(statistics.remotePlainFrees()).isEqualTo(new MallocStatistics.Share(1, 1));
    }

    @Test
    void aThreadsOwnCallsAreInOrder() throws IOException {
        assertThat(read("1: free 0x10", "1: malloc 0x10 8", "1: malloc 0x10 9", "1: free 0x10"))
                .containsExactly("0 does nothing", "0 begins 0 of 8", "0 begins 1 of 9", "0 ends 1", "0 is lost");
        assertThat(repairs).isEqualTo(new Repairs(0, 1, 1, 0, 0));
    }

    @Test
    void aFreeLongBeforeAnAllocationIsNotItsOwn() throws IOException {
        read(with("2: free 0x10", MallocImporter.WINDOW, "1: malloc 0x10 8"));
        assertThat(repairs).isEqualTo(new Repairs(0, 0, 1, 0, 0));
        assertThat(statistics.live()).isEqualTo(1);
    }

    @Test
    void anAddressHandedOutAgainWasFreedBeforeAndTheNextFreeByAnotherIsThat() throws IOException {
        assertThat(read("1: malloc 0x10 8", "2: malloc 0x10 9", "1: free 0x10", "2: free 0x10"))
                .containsExactly("0 begins 0 of 8", "1 begins 1 of 9", "0 ends 0", "1 ends 1");
        assertThat(repairs).isEqualTo(new Repairs(1, 0, 0, 0, 0));
        assertThat(statistics.remotePlainFrees()).isEqualTo(new MallocStatistics.Share(0, 2));
    }

    @Test
    void anAddressHandedOutAgainEndsTheOldLifeWhereNobodySaysSo() throws IOException {
        read(with("1: malloc 0x10 8", 1, with("2: malloc 0x10 9", MallocImporter.WINDOW, "1: free 0x10")));
        assertThat(repairs).isEqualTo(new Repairs(0, 1, 0, 0, 0));
        assertThat(events).contains("0 is lost").endsWith("0 ends 1");
        assertThat(statistics.live()).isZero();
    }

    @Test
    void timesTellThatAFreeWasNotInverted() throws IOException {
        read("2: free 0x10 100 110", "1: malloc 0x10 8 200 210");
        assertThat(events).containsExactly("0 does nothing", "1 begins 0 of 8");
        assertThat(repairs.unknownFrees()).isEqualTo(1);
    }

    @Test
    void theNumberOfAThreadThatEndedIsAnothersAfterwards() throws IOException {
        assertThat(read("5: malloc 0x10 8", "5: thread_done 0x0", "5: malloc 0x20 8", "5: free 0x10"))
                .containsExactly("0 begins 0 of 8", "0 leaves", "1 begins 1 of 8", "1 ends 0");
        assertThat(statistics.threads()).isEqualTo(2);
        assertThat(statistics.remotePlainFrees().part()).isEqualTo(1);
    }

    @Test
    void lifetimesAndSizesAreByNearestRank() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            lines.add("1: malloc 0x" + i + "0 " + i);
        }
        for (int i = 100; i >= 1; i--) {
            lines.add("1: free 0x" + i + "0");
        }
        read(lines.toArray(String[]::new));
        // object i (1 to 100) begins at event i and ends at event 201 - i: it lives 201 - 2 i events
        assertThat(statistics.lifetimeQuantilesEvents()).isEqualTo(Map.of("p50", 99L, "p90", 179L, "p99", 197L));
        assertThat(statistics.sizeQuantilesBytes()).isEqualTo(Map.of("p50", 50L, "p90", 90L, "p99", 99L));
        assertThat(statistics.sizesUpTo(64)).isEqualTo(new MallocStatistics.Share(64, 100));
    }

    /** A program made at random, whose figures are counted while it is made. */
    @Test
    void theFiguresOfAnImportAreThoseOfTheProgram() throws IOException {
        for (long seed = 1; seed <= 5; seed++) {
            Random random = new Random(seed);
            List<String> lines = new ArrayList<>();
            List<Long> addresses = new ArrayList<>();
            Map<Long, int[]> owners = new HashMap<>();
            long objects = 0;
            long remote = 0;
            long frees = 0;
            long bytes = 0;
            long peakBytes = 0;
            for (int i = 0; i < 3000; i++) {
                int thread = random.nextInt(6);
                if (addresses.isEmpty() || random.nextInt(5) < 3) {
                    long address = 16L * (1 + random.nextInt(1 << 20));
                    int size = random.nextInt(500);
                    if (owners.putIfAbsent(address, new int[] {thread, size}) == null) {
                        addresses.add(address);
                        lines.add(thread + ": malloc 0x" + Long.toHexString(address) + " " + size);
                        objects++;
                        bytes += size;
                        peakBytes = Math.max(peakBytes, bytes);
                    }
                } else {
                    long address = addresses.remove(random.nextInt(addresses.size()));
                    int[] owner = owners.remove(address);
                    lines.add(thread + ": free 0x" + Long.toHexString(address));
                    frees++;
                    remote += owner[0] == thread ? 0 : 1;
                    bytes -= owner[1];
                }
            }
            MallocStatistics figures = new MallocStatistics();
            Path file = scratch.resolve("program-" + seed);
            Files.write(file, lines);
            assertThat(MallocText.open(file, "auto").read(figures, true).repairs())
                    .isEqualTo(Repairs.NONE);
            assertThat(figures.events()).isEqualTo(lines.size());
            assertThat(figures.objects()).isEqualTo(objects);
            assertThat(figures.remotePlainFrees()).isEqualTo(new MallocStatistics.Share(remote, frees));
            assertThat(figures.live()).isEqualTo(objects - frees);
            assertThat(figures.liveBytes()).isEqualTo(bytes);
            assertThat(figures.peakLiveBytes()).isEqualTo(peakBytes);
        }
    }

    /** The address is handed out again before its late free is read: never two objects at one address. */
    @Test
    void anAddressHandedOutAgainIsOneObject() throws IOException {
        read("1: malloc 0x10 8", "1: malloc 0x10 16", "2: free 0x10", "1: free 0x10");
        assertThat(repairs.invertedPairs()).isEqualTo(1);
        assertThat(statistics.peakLive()).isEqualTo(1);
        assertThat(statistics.peakLiveBytes()).isEqualTo(16);
        assertThat(statistics.live()).isZero();
        assertThat(statistics.events()).isEqualTo(4);
    }

    @Test
    void anAddressWhoseFreeIsLostIsOneObjectToo() throws IOException {
        read("1: malloc 0x10 8", "1: malloc 0x10 16", "1: malloc 0x10 4");
        assertThat(repairs.lostFrees()).isEqualTo(2);
        assertThat(statistics.peakLive()).isEqualTo(1);
        assertThat(statistics.peakLiveBytes()).isEqualTo(16);
        assertThat(statistics.liveBytes()).isEqualTo(4);
    }
}
