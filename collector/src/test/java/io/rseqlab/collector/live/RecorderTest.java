package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording holds all that the kernel did to the command and its children, and nothing is left of it behind. */
class RecorderTest {
    private static final int BUFFER_KIB = 4096;

    @TempDir
    Path scratch;

    @BeforeEach
    void onlyWhereThisMachineCanRecord() {
        TracefsInstanceTest.real().close();
    }

    private static Recording record(String... command) {
        return new Recorder(BUFFER_KIB).record(List.of(command), () -> false);
    }

    private static List<Event> events(Recording recording, EventKind kind) {
        List<Event> events = new ArrayList<>();
        TextImport.open(TextForm.FTRACE, recording.text()).events(event -> {
            if (event.kind() == kind) {
                Event copy = new Event();
                copy.copyFrom(event);
                events.add(copy);
            }
        });
        return events;
    }

    /** The program counts its aborts in its own abort handler; the kernel counts fix-ups: one and the same number. */
    @Test
    void everyAbortThatTheProgramCountsIsInTheTrace() throws IOException {
        Path driver;
        try {
            driver = new NativeBuild(Map.of("RSEQLAB_CACHE", scratch.toString())).program();
        } catch (NativeException e) {
            assumeThat(e).as("cannot compile here").isNull();
            return;
        }
        Path said = scratch.resolve("said");
        String arguments = " --strategy rseq-freelist --workload churn --threads 3 --cpus "
                + Host.here().firstCpus(1).get(0)
                + " --pad 500 --signal-hz 1000 --warmup-ms 10 --duration-ms 300 --seed 1";
        try (Recording recording = record("sh", "-c", driver + arguments + " >" + said)) {
            assumeThat(recording.exitCode()).as("sections run here").isZero();
            Matcher own = Pattern.compile("\"aborts_total\":(\\d+)").matcher(Files.readString(said));
            assertThat(own.find()).isTrue();
            assertThat(Integer.parseInt(own.group(1))).isGreaterThan(50);
            assertThat(recording.lost()).isZero();
            List<Event> aborts = events(recording, EventKind.ABORT);
            assertThat(aborts).hasSize(Integer.parseInt(own.group(1)));
            assertThat(aborts).allMatch(abort -> abort.has(Column.CAUSES));
            assertThat(events(recording, EventKind.SIGNAL)).hasSizeGreaterThan(100);
        }
    }

    @Test
    void theCommandIsRecordedFromItsStartAndItsChildrenWithIt() {
        try (Recording recording = record("sh", "-c", "sleep 0.01 & sleep 0.02; wait; exit 7")) {
            assertThat(recording.exitCode()).isEqualTo(7);
            List<Event> ended = events(recording, EventKind.SWITCH).stream()
                    .filter(event -> "exited".equals(event.text(Column.STATE)))
                    .toList();
            assertThat(ended).extracting(event -> event.text(Column.DETAIL)).contains("sh", "sleep");
            assertThat(ended).hasSize(3);
        }
    }

    /** Whoever else runs is not recorded: only what concerns the command and its children. */
    @Test
    void othersAreNotRecorded() throws Exception {
        Process other = new ProcessBuilder("sh", "-c", "while :; do sleep 0.002; done").start();
        try (Recording recording = record("dd", "if=/dev/zero", "of=/dev/null", "bs=1M", "count=2000", "status=none")) {
            assertThat(Files.readAllLines(recording.text()).stream().filter(line -> line.contains(" sched_switch: ")))
                    .isNotEmpty()
                    .allMatch(line -> line.matches(".*_comm=(dd|sh) .*"));
        } finally {
            other.descendants().forEach(ProcessHandle::destroyForcibly);
            other.destroyForcibly();
        }
    }

    @Test
    void aCommandThatIsToEndEndsWithAllItsChildrenAndWhatItDidIsKept() throws IOException {
        Path pids = scratch.resolve("pids");
        try (Recording recording = new Recorder(BUFFER_KIB)
                .record(
                        List.of("sh", "-c", "sleep 100 & echo $! >" + pids + "; wait"),
                        () -> Files.exists(pids) && !text(pids).isEmpty())) {
            assertThat(recording.exitCode()).isGreaterThan(128);
            assertThat(ProcessHandle.of(Long.parseLong(text(pids))).filter(ProcessHandle::isAlive))
                    .isEmpty();
            assertThat(events(recording, EventKind.SWITCH)).isNotEmpty();
        }
    }

    @Test
    void whatDoesNotFitIntoTheBuffersIsCounted() {
        String manySwitches = "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i + 1)); done";
        try (Recording recording = new Recorder(8).record(List.of("sh", "-c", manySwitches), () -> false)) {
            assertThat(recording.lost()).isPositive();
            assertThat(TextImport.open(TextForm.FTRACE, recording.text()).lost())
                    .isPositive()
                    .isLessThanOrEqualTo(recording.lost());
        }
    }

    @Test
    void nothingIsLeftBehind() throws IOException {
        Path text;
        try (Recording recording = record("/bin/true")) {
            text = recording.text();
            assertThat(text).exists();
        }
        assertThat(text).doesNotExist();
        try (Tracefs tracefs = Tracefs.open();
                Stream<Path> instances = Files.list(tracefs.folder().resolve("instances"))) {
            String own = "rseqlab-" + ProcessHandle.current().pid();
            assertThat(instances.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.equals(own) || name.startsWith(own + "-"));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
