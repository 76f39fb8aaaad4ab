package io.rseqlab.collector.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** A sweep is one data set, whatever happened on the way to it. */
class SweepCommandTest {
    private static final String EXPERIMENT = """
            seeds = "1..2"
            [run]
            workload = "churn"
            cpus = 1
            warmup = "20us"
            duration = "20us"
            [grid]
            strategy = ["rseq-freelist", "message-passing:batch=8"]
            handoff = [0, 0.5]
            cap = [64, 128]
            threads = [2]
            """;

    /** Points: two caps for one strategy, none for the other; hand-offs; seeds. */
    private static final int RUNS = (2 + 1) * 2 * 2;

    @TempDir
    Path scratch;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int sweep(String text, String... options) throws IOException {
        Path file = Files.writeString(scratch.resolve("exp.toml"), text);
        List<String> words = new ArrayList<>(List.of(file.toString()));
        words.addAll(List.of(options));
        CommandLine line = new CommandLine(new SweepCommand((candidate, baseline) -> null));
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            throw failure;
        });
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(words.toArray(String[]::new));
    }

    private Path data(String name) {
        return scratch.resolve(name);
    }

    /** Content hash of each run by its place in the data set. */
    private static Map<String, String> hashes(Path root) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        Path runs = root.resolve("runs");
        try (Stream<Path> all = Files.walk(runs)) {
            all.filter(TraceReader::isTrace)
                    .forEach(trace -> hashes.put(
                            runs.relativize(trace).toString(),
                            TraceReader.open(trace).contentHash()));
        }
        return hashes;
    }

    @Test
    void duckDbReadsItAsOneTable() throws Exception {
        assertThat(sweep(EXPERIMENT, "--out", data("a").toString(), "--jobs", "2"))
                .isZero();
        assertThat(out.toString()).contains("a/runs  " + RUNS + " runs of 6 points");
        String table = "read_parquet('" + data("a") + "/runs/**/counters-*.parquet', hive_partitioning = true)";
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            assertThat(rows(
                            statement,
                            "SELECT strategy, cap, handoff, threads, count(DISTINCT seed), sum(value) > 0 FROM " + table
                                    + " WHERE name = 'ops' GROUP BY ALL ORDER BY ALL"))
                    .containsExactly(
                            "message-passing:batch=8 null 0 2 2 true",
                            "message-passing:batch=8 null 0.5 2 2 true",
                            "rseq-freelist 64 0 2 2 true",
                            "rseq-freelist 64 0.5 2 2 true",
                            "rseq-freelist 128 0 2 2 true",
                            "rseq-freelist 128 0.5 2 2 true");
        }
    }

    private static List<String> rows(Statement statement, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(query)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(String.valueOf(result.getObject(i)).replaceFirst("\\.0$", ""));
                }
                rows.add(String.join(" ", row));
            }
        }
        return rows;
    }

    /** A file system takes names of 255 bytes; values that differ behind the cut stay apart, and NULL stays NULL. */
    @Test
    void aValueThatIsTooLongForANameIsCutAndDuckDbReadsTheDataSetAsEver() throws Exception {
        String zeros = "0".repeat(300);
        String text = EXPERIMENT
                .replace(
                        "\"rseq-freelist\"",
                        "\"rseq-freelist:refill=" + zeros + "32\", \"rseq-freelist:refill=" + zeros + "16\"")
                .replace("[0, 0.5]", "[0.5]")
                .replace("[64, 128]", "[64]");
        assertThat(sweep(text, "--out", data("a").toString())).isZero();
        assertThat(sweep(text, "--out", data("a").toString(), "--resume")).isZero();
        assertThat(err.toString()).contains("6 of 6 runs were there already");
        try (Stream<Path> all = Files.walk(data("a"))) {
            assertThat(all).allMatch(path -> path.getFileName().toString().length() <= 200);
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            String table = "read_parquet('" + data("a") + "/runs/**/counters-*.parquet', hive_partitioning = true)";
            assertThat(rows(
                            statement,
                            "SELECT strategy[:23], cap, handoff, count(DISTINCT strategy) FROM " + table
                                    + " GROUP BY ALL ORDER BY ALL"))
                    .containsExactly("message-passing:batch=8 null 0.5 1", "rseq-freelist:refill=00 64 0.5 2");
        }
    }

    @Test
    void howManyRunAtATimeChangesNothing() throws IOException {
        sweep(EXPERIMENT, "--out", data("a").toString(), "--jobs", "1");
        sweep(EXPERIMENT, "--out", data("b").toString(), "--jobs", "3");
        assertThat(hashes(data("a"))).hasSize(RUNS).isEqualTo(hashes(data("b")));
        assertThat(err.toString()).doesNotContain("audited");
    }

    @Test
    void whatIsThereIsNotRepeatedAndWhatWasOpenIsThrownAway() throws IOException {
        Path root = data("a");
        sweep(EXPERIMENT, "--out", root.toString());
        Map<String, String> whole = hashes(root);
        Path kept = root.resolve("runs/strategy=rseq-freelist/handoff=0/cap=64/threads=2/seed=1");
        Path lost = root.resolve("runs/strategy=rseq-freelist/handoff=0/cap=64/threads=2/seed=2");
        Object before = Files.getLastModifiedTime(kept.resolve("run.json"));
        Files.createDirectories(root.resolve(".open"));
        Files.move(lost, root.resolve(".open/4"));
        assertThat(sweep(EXPERIMENT, "--out", root.toString(), "--resume")).isZero();
        assertThat(err.toString()).contains("sweep: " + (RUNS - 1) + " of " + RUNS + " runs were there already");
        assertThat(hashes(root)).isEqualTo(whole);
        assertThat((Object) Files.getLastModifiedTime(kept.resolve("run.json"))).isEqualTo(before);
        assertThat(root.resolve(".open")).doesNotExist();
    }

    /** A copy that was cut short, a disk that lost something: what counts as made must be what compare can read. */
    @ParameterizedTest
    @ValueSource(strings = {"run.json", "counters-00000.parquet", "events-00000.parquet"})
    void aRunInItsPlaceThatIsDamagedIsNamed(String part) throws IOException {
        String root = data("a").toString();
        sweep(EXPERIMENT, "--out", root);
        Path run = data("a").resolve("runs/strategy=rseq-freelist/handoff=0/cap=64/threads=2/seed=1");
        byte[] bytes = Files.readAllBytes(run.resolve(part));
        Files.write(run.resolve(part), Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> resumed(data("a")))
                .isInstanceOf(ExperimentException.class)
                .hasMessageContaining(part)
                .hasMessageEndingWith("remove '" + run + "' and resume");
        Files.delete(run.resolve(part));
        if (part.startsWith("counters")) {
            assertThatThrownBy(() -> resumed(data("a"))).isInstanceOf(ExperimentException.class);
        }
    }

    /** Looks for each run of the plan. */
    private static void resumed(Path root) {
        Plan plan = plan(EXPERIMENT);
        try (SweepFolder folder = SweepFolder.take(root, plan, "exp.toml", true)) {
            plan.runs().forEach(folder::done);
        }
    }

    /** A killed sweep may have left nothing yet, so this is no mistake; a folder named wrongly is, and shows so. */
    @Test
    void resumptionWhereNothingWasBegunSaysThatItBegins() throws IOException {
        String root = data("a").toString();
        assertThat(sweep(EXPERIMENT, "--out", root, "--resume")).isZero();
        assertThat(err.toString()).contains("note: --resume: no sweep was begun in '" + root + "' yet");
        assertThat(sweep(EXPERIMENT, "--out", root, "--resume")).isZero();
        assertThat(err.toString().split("no sweep was begun", -1)).hasSize(2);
    }

    @Test
    void anotherPlanOrAnotherSweepIsRefused() throws IOException {
        String root = data("a").toString();
        sweep(EXPERIMENT, "--out", root);
        Map<String, String> whole = hashes(data("a"));
        assertThatThrownBy(
                        () -> SweepFolder.take(data("a"), plan(EXPERIMENT.replace("0.5", "0.6")), "other.toml", true))
                .isInstanceOf(ExperimentException.class)
                .hasMessageContaining("was begun with another plan than that of other.toml");
        assertThatThrownBy(() -> SweepFolder.take(data("a"), plan(EXPERIMENT), "exp.toml", false))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("--resume");
        assertThatThrownBy(() -> SweepFolder.take(scratch, plan(EXPERIMENT), "exp.toml", true))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("is not empty, and no sweep was begun there");
        Path plan = data("a").resolve("sweep.json");
        Files.writeString(plan, Files.readString(plan).replace("\"model_version\" : \"", "\"model_version\" : \"0"));
        assertThatThrownBy(() -> SweepFolder.take(data("a"), plan(EXPERIMENT), "exp.toml", true))
                .isInstanceOf(ExperimentException.class)
                .hasMessageContaining("their runs cannot stand in one data set");
        assertThat(hashes(data("a"))).isEqualTo(whole);
    }

    @Test
    void twoSweepsInOneFolderAreOneTooMany() throws IOException {
        Files.createDirectories(data("a"));
        try (FileChannel other = FileChannel.open(
                        data("a").resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = other.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThatThrownBy(() -> SweepFolder.take(data("a"), plan(EXPERIMENT), "exp.toml", true))
                    .isInstanceOf(OutputException.class)
                    .hasMessageContaining("another sweep is at work");
        }
    }

    @Test
    void aSweepInWhichARunFailsSaysHowToGoOnAndDoes() throws IOException {
        Path root = data("a");
        Path blocked = root.resolve("runs/strategy=message-passing%3Abatch%3D8");
        Files.createDirectories(root.resolve("runs"));
        Files.createFile(blocked);
        assertThat(sweep(EXPERIMENT, "--out", root.toString(), "--jobs", "1")).isNotZero();
        assertThat(err.toString())
                .contains("note: 4 of 12 runs of ", "go on with: rseqlab sweep ", " --out " + root + " --resume");
        assertThat(root.resolve(".open")).doesNotExist();
        Files.delete(blocked);
        assertThat(sweep(EXPERIMENT, "--out", root.toString(), "--resume")).isZero();
    }

    @Test
    void ofASweepInWhichNoRunIsCompleteNothingStays() throws IOException {
        Path root = data("a");
        Path blocked = root.resolve("runs/strategy=rseq-freelist");
        Files.createDirectories(root.resolve("runs"));
        Files.createFile(blocked);
        assertThat(sweep(EXPERIMENT, "--out", root.toString(), "--jobs", "1")).isNotZero();
        assertThat(err.toString()).contains("cannot write").doesNotContain("go on with");
        assertThat(root).isDirectoryNotContaining("glob:**/{.*,sweep*}");
        assertThat(blocked).as("not ours").exists();
    }

    @Test
    void theDryRunSaysWhatItWillCostAndWritesNothing() throws IOException {
        assertThat(sweep(EXPERIMENT, "--out", data("a").toString(), "--dry-run"))
                .isZero();
        assertThat(out.toString())
                .startsWith("12 runs: 6 points (strategy, handoff, cap, threads), 2 seeds each")
                .contains(
                        "host time: about ", "disk: about ", "  strategy=rseq-freelist, handoff=0, cap=64, threads=2\n")
                .contains("the first run: rseqlab collect --strategy rseq-freelist:cap=64,");
        assertThat(data("a")).doesNotExist();
    }

    @Test
    void aViolationIsToldAlsoWhenItsRunWasThereBefore() throws IOException {
        String broken = """
                seeds = 1
                [run]
                cpus = 1
                threads = 4
                workload = "churn:pad=50"
                tick = "5us"
                warmup = "5us"
                duration = "3ms"
                inject = "no-abort"
                [grid]
                strategy = ["rseq-freelist"]
                """;
        assertThat(sweep(broken, "--out", data("a").toString())).isEqualTo(4);
        assertThat(sweep(broken, "--out", data("a").toString(), "--resume")).isEqualTo(4);
        assertThat(err.toString().lines().filter(line -> line.startsWith("rseqlab: violation in ")))
                .hasSize(2);
    }

    private static Plan plan(String text) {
        return Planner.plan(ExperimentReader.parse(text, "exp.toml"));
    }

    /** Sections that never commit cannot be told to end, so that nobody has looked for lost blocks. */
    @Test
    void runsWithoutAnAuditAreToldOf() throws IOException {
        String text = """
                seeds = 1
                [run]
                workload = "churn:pad=100000000"
                cpus = 1
                threads = 4
                warmup = "2ms"
                duration = "200us"
                [grid]
                strategy = ["rseq-freelist"]
                """;
        assertThat(sweep(text, "--out", data("starved").toString())).isZero();
        assertThat(err.toString())
                .contains("note: 1 of the 1 run made now were not audited for lost blocks; the first: ")
                .contains("4 threads cannot end");
        err.getBuffer().setLength(0);
        String without = EXPERIMENT.replace("cpus = 1", "cpus = 1\noracle = false");
        assertThat(sweep(without, "--out", data("without").toString())).isZero();
        assertThat(err.toString())
                .contains("note: " + RUNS + " of the " + RUNS + " runs made now")
                .contains("the memory oracle was left out");
    }
}
