package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is typed wrongly or handed in broken: the documented exit code, one line that names what and where and, for
 * a name, the nearest right one; no stack trace, and nothing written.
 *
 * <p>In the table {@code @name} is a place in a folder prepared once; nothing may appear in it or change.
 */
class BadInputTest {
    private static final String COLLECT =
            "collect --strategy rseq-freelist --workload churn --duration 1us --warmup 1us --out @new";
    private static final int MOST_LINES = 3;

    @TempDir
    static Path folder;

    @BeforeAll
    static void prepare() throws IOException {
        Path sample = Path.of("..", "sample-traces", "simulated-churn");
        Files.createDirectories(folder.resolve("empty"));
        Files.writeString(folder.resolve("text"), "hello\n");
        Files.writeString(folder.resolve("zero"), "");
        for (String damaged : List.of(
                "good",
                "nojson",
                "badjson",
                "nojsonobject",
                "emptyjson",
                "future",
                "truncated",
                "hollow",
                "foreign",
                "swapped",
                "uncounted",
                "eventless",
                "gap",
                "reseeded",
                "miscounted")) {
            copy(sample, folder.resolve(damaged));
        }
        Files.delete(folder.resolve("nojson/run.json"));
        Files.writeString(folder.resolve("badjson/run.json"), "{\"format_version\": 1,\n oops");
        Files.writeString(folder.resolve("nojsonobject/run.json"), "[]");
        Files.writeString(folder.resolve("emptyjson/run.json"), "");
        Files.writeString(folder.resolve("future/run.json"), "{\"format_version\": 99}");
        byte[] events = Files.readAllBytes(sample.resolve("events-00000.parquet"));
        Files.write(folder.resolve("truncated/events-00000.parquet"), Arrays.copyOf(events, events.length / 2));
        Files.write(folder.resolve("hollow/events-00000.parquet"), new byte[0]);
        Files.writeString(folder.resolve("foreign/events-00000.parquet"), "a,b,c\n".repeat(1000));
        Files.copy(
                sample.resolve("counters-00000.parquet"),
                folder.resolve("swapped/events-00000.parquet"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.delete(folder.resolve("uncounted/counters-00000.parquet"));
        Files.delete(folder.resolve("eventless/events-00000.parquet"));
        Files.move(folder.resolve("gap/events-00000.parquet"), folder.resolve("gap/events-00001.parquet"));
        replace(folder.resolve("reseeded/run.json"), "\"seed\" : \\d+", "\"seed\" : 77");
        replace(folder.resolve("miscounted/run.json"), "\"ops\" : \\d+", "\"ops\" : 7");
        for (String cap : List.of("64", "256")) {
            simulate("rseq-freelist:cap=" + cap, folder.resolve("caps/" + cap));
        }
        copy(sample, folder.resolve("mixed/good"));
        copy(folder.resolve("badjson"), folder.resolve("mixed/bad"));
    }

    private static void replace(Path file, String pattern, String replacement) throws IOException {
        Files.writeString(file, Files.readString(file).replaceAll(pattern, replacement));
    }

    private static void simulate(String strategy, Path place) {
        Answer answer = run("collect --duration 1us --warmup 1us --strategy " + strategy + " --out " + place);
        assertThat(answer.code()).as(answer.err()).isZero();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
    }

    private static Arguments usage(String line, String... words) {
        return Arguments.of(line, ExitCodes.USAGE, words);
    }

    private static Arguments invalid(String line, String... words) {
        return Arguments.of(line, ExitCodes.INVALID_INPUT, words);
    }

    static Stream<Arguments> wrongNamesAndOptions() {
        return Stream.of(
                usage("", "no verb", "rseqlab --help"),
                usage("colect", "no verb 'colect'; did you mean 'collect'?"),
                usage("bogus", "no verb 'bogus'\n", "rseqlab --help"),
                usage("bogus --help", "no verb 'bogus'\n", "rseqlab --help"),
                usage("bogus collect", "no verb 'bogus'\n"),
                usage("analyse --help", "no verb 'analyse'; did you mean 'analyze'?"),
                usage("help colect", "no verb 'colect'; did you mean 'collect'?"),
                usage("help collect list", "list"),
                usage("collect --workload churn --out @new", "--strategy"),
                usage("collect --strategy rseq-freelist --workload churn", "--out"),
                usage(COLLECT + " --sedes 3", "--sedes", "--seeds"),
                usage(COLLECT.replace("rseq-freelist", "rseq-freelst"), "rseq-freelst", "did you mean 'rseq-freelist'"),
                usage(COLLECT.replace("rseq-freelist", "rseq-freelist:caps=3"), "caps", "cap"),
                usage(COLLECT.replace("rseq-freelist", "rseq-freelist:cap"), "cap", "key=value"),
                usage(COLLECT.replace("rseq-freelist", "rseq-freelist:cap=-3"), "cap=-3", "from"),
                usage(COLLECT.replace("rseq-freelist", "rseq-freelist:cap=x"), "cap", "x"),
                usage(COLLECT.replace("churn", "chrun"), "chrun", "did you mean 'churn'"),
                usage(COLLECT.replace("churn", "churn:handoff=2"), "handoff=2", "0 to 1"),
                usage(COLLECT + " --machine zen5-vm-3", "zen5-vm-3", "did you mean 'zen5-vm-2'"),
                usage(COLLECT + " --machine zen", "did you mean 'zen5-vm-2'"),
                usage(COLLECT + " --kernel linux", "did you mean 'linux-6.18'"),
                usage(COLLECT + " --machine @text", "text"),
                usage(COLLECT + " --machine @zero", "zero", "no figure"),
                usage(COLLECT + " --kernel linux-6.19", "did you mean 'linux-6.18'"),
                usage(COLLECT + " --ops some", "some", "1/N"),
                usage(COLLECT + " --inject no-abrt", "did you mean 'no-abort'"),
                usage(COLLECT + " --inject abort-storm:2", "2", "0 to 1"),
                usage(COLLECT.replace("rseq-freelist", "global-mutex") + " --inject no-abort", "global-mutex"),
                usage(COLLECT + " --inject abort-storm:0.1 --inject preempt-in-section:0.1", "only one"),
                usage("list strategys", "did you mean 'strategies'"),
                usage("list", "KIND"),
                usage("import ftrac @text --out @new", "did you mean 'ftrace'"),
                usage("import", "Missing required parameter: 'FORM'"),
                usage("record", "Missing required option: '--out=DIR'"),
                usage("record malloc --out @new -- no-such-program", "no command 'no-such-program'", "127"),
                usage("collect --strategy ideal --workload replay --out @new", "replay:trace=FILE"),
                usage("record malloc --out @text -- true", "is there already"),
                usage("import malloc @text --format androi --out @new", "did you mean 'android'"),
                usage("import malloc @text --format columns:op=1 --out @new", "which column holds the address"),
                usage("view @good --kind abrt", "abrt", "did you mean 'abort'"),
                usage("view @good --format xml", "xml", "json"),
                usage("export xml @good", "xml", "perfetto"),
                usage("export csv", "TRACE"),
                usage("analyze @good --format xml", "xml", "JSON"),
                usage("analyze", "TRACE"),
                usage("compare @good --baseline rseq-freelst", "did you mean 'rseq-freelist'"),
                usage("compare @good", "--baseline"),
                usage("compare @good --baseline freelist", "did you mean 'rseq-freelist'"),
                usage("compare @good --baseline rseq-freelist:cap=3", "rseq-freelist:cap=3", "did you mean"),
                usage("compare @caps --baseline rseq-freelist", "fits several", "cap=64", "cap=256"),
                usage("report @caps --out @new --baseline rseq-freelist", "fits several", "cap=64", "cap=256"),
                usage("compare @good --baseline rseq-freelist --metric thruput", "did you mean 'throughput_ops_per_s'"),
                usage(
                        "compare @good --baseline rseq-freelist --metric latency_cycles.maloc.p99",
                        "did you mean 'latency_cycles.malloc.p99'"),
                usage("compare @good --baseline rseq-freelist --metric latency_cycles", "latency_cycles.malloc"),
                usage("compare @good --baseline rseq-freelist --fail-if foo", "foo", "NUMBER"),
                usage("compare @good --baseline rseq-freelist --fail-if nothing<1", "nothing"),
                usage("report @good --out @new --baseline rseq-freelst", "did you mean 'rseq-freelist'"),
                usage("report @good", "--out"),
                usage("validate --grid fast", "fast", "quick"),
                usage("validate --format xml", "xml"),
                usage("validate --machine zen5-vm-3", "did you mean 'zen5-vm-2'"),
                usage("validate --tolerance much", "much"),
                usage("bench simulat", "simulat", "simulate"),
                usage("demo extra", "extra"));
    }

    static Stream<Arguments> wrongNumbers() {
        return Stream.of(
                usage(COLLECT + " --jobs 0", "--jobs", "0"),
                usage(COLLECT + " --jobs x", "--jobs", "x"),
                usage(COLLECT + " --seeds 5..1", "'5..1' ends before it begins"),
                usage(COLLECT + " --seeds 1..", "1..", "1..10"),
                usage(COLLECT + " --seeds 1..1000000", "more than 100000"),
                usage(COLLECT.replace("churn", "churn:live=65536") + " --threads 16384", "8.0 GiB", "2 GiB", "live"),
                usage(COLLECT.replace("rseq-freelist", "rseq-freelist:cap=5,cap=6"), "'cap' is given twice"),
                usage(COLLECT.replace("1us --warmup", "0.1ns --warmup"), "duration", "shorter than a cycle"),
                usage(COLLECT.replace("--warmup 1us", "--warmup 0.01ns"), "warm-up", "shorter than a cycle"),
                usage(COLLECT + " --tick 0ms", "--tick 0ms", "1us"),
                usage(COLLECT + " --seeds 1,1", "1,1", "twice"),
                usage(COLLECT.replace("1us --warmup", "0ms --warmup"), "duration", "above 0"),
                usage(COLLECT.replace("1us --warmup", "0 --warmup"), "duration", "above 0"),
                usage(COLLECT.replace("1us --warmup", "-1ms --warmup"), "'-1ms'", "200ms"),
                usage(COLLECT.replace("1us --warmup", "5 --warmup"), "'5'", "unit"),
                usage(COLLECT.replace("1us --warmup", "5furlongs --warmup"), "5furlongs", "ms"),
                usage(COLLECT.replace("1us --warmup", "1000000s --warmup"), "duration", "1000 s"),
                usage(COLLECT.replace("--warmup 1us", "--warmup -1us"), "-1us"),
                usage(COLLECT + " --cpus 0", "cpus: 0", "1024"),
                usage(COLLECT + " --cpus 100000", "cpus: 100000", "1024"),
                usage(COLLECT + " --threads 0", "threads: 0", "16384"),
                usage(COLLECT + " --threads 1000000", "threads: 1000000", "16384"),
                usage(COLLECT + " --slack-cycles -1", "slack"),
                usage(COLLECT + " --tick 1ns", "tick", "1us"),
                usage("analyze @good --threads 0", "--threads", "0"),
                usage("view @good --limit -1", "--limit", "-1"),
                usage("view @good --cpu x", "--cpu", "x"),
                usage("view @good --from 10 --to 5", "--from 10", "--to 5"),
                usage("compare @good --baseline rseq-freelist --margin 0", "--margin", "5%"),
                usage("compare @good --baseline rseq-freelist --confidence 1", "--confidence", "below 1"),
                usage("bench simulate --runs 0", "--runs"),
                usage("demo --jobs 0 --out @new", "--jobs", "0"));
    }

    static Stream<Arguments> placesThatCannotBeWrittenTo() {
        List<String> makers = List.of(
                COLLECT.replace("@new", "@place"),
                "import ftrace ../sample-traces/real-preemptions/ftrace.txt --out @place",
                "report @good --out @place",
                "demo --out @place");
        List<String> fileMakers = List.of(
                "analyze @good --out @place",
                "compare @good --baseline rseq-freelist --out @place",
                "export csv @good --out @place",
                "export perfetto @good --out @place");
        Stream<Arguments> folders = makers.stream()
                .flatMap(line -> Stream.of("@text", "@text/below", "/proc/rseqlab", "@good")
                        .map(place -> usage(line.replace("@place", place), place.replace("@", ""))));
        Stream<Arguments> files = fileMakers.stream()
                .flatMap(line -> Stream.of("@text/below", "/proc/rseqlab", "@empty")
                        .map(place -> usage(line.replace("@place", place), place.replace("@", ""))));
        Stream<Arguments> empty = Stream.concat(makers.stream(), fileMakers.stream())
                .map(line -> usage(line.replace("@place", "''"), "--out", "the path is empty"));
        return Stream.of(folders, files, empty).flatMap(Function.identity());
    }

    static Stream<Arguments> damagedTraces() {
        List<Arguments> all = new ArrayList<>();
        for (String verb : List.of("check", "view", "analyze", "export csv", "export perfetto", "report")) {
            String tail = verb.equals("report") ? " --out @new" : "";
            for (String place : List.of("missing", "text", "zero", "empty", "nojson")) {
                all.add(invalid(verb + " @" + place + tail, place));
            }
            all.add(invalid(verb + " @badjson" + tail, "badjson/run.json", "line 2"));
            all.add(invalid(verb + " @nojsonobject" + tail, "nojsonobject/run.json", "no JSON object"));
            all.add(invalid(verb + " @emptyjson" + tail, "emptyjson/run.json", "empty"));
            all.add(invalid(verb + " @future" + tail, "future/run.json", "99", "version 1"));
            for (String place : List.of("truncated", "hollow", "foreign")) {
                all.add(invalid(verb + " @" + place + tail, place + "/events-00000.parquet", "Parquet"));
            }
            all.add(invalid(verb + " @swapped" + tail, "swapped/events-00000.parquet", "cycle"));
        }
        for (String verb : List.of(
                "analyze", "analyze --counters-only", "compare --baseline rseq-freelist", "report --out @new")) {
            all.add(invalid(verb + " @eventless", "eventless/events-00000.parquet' is missing"));
            all.add(invalid(verb + " @gap", "gap/events-00000.parquet' is missing"));
            all.add(invalid(
                    verb + " @reseeded", "reseeded/events-00000.parquet' belongs to another run", "run.json says 77"));
            all.add(invalid(verb + " @miscounted", "miscounted/counters-*.parquet", "ops is 7"));
        }
        all.add(invalid("analyze @uncounted", "uncounted", "no counters"));
        all.add(invalid("check @mixed", "mixed/bad/run.json"));
        all.add(invalid("analyze @mixed", "mixed/bad/run.json"));
        all.add(invalid("compare @mixed --baseline rseq-freelist", "mixed/bad/run.json"));
        all.add(invalid("report @text --out @new", "text", "nor a result"));
        all.add(invalid("report @good/run.json --out @new", "run.json", "nor a result"));
        return all.stream();
    }

    static Stream<Arguments> damagedTexts() {
        return Stream.of(
                invalid("import ftrace @missing --out @new", "missing", "no such file"),
                invalid("import ftrace @zero --out @new", "zero", "empty"),
                invalid("import malloc @missing --out @new", "missing", "no such file"),
                invalid("import malloc @text --out @new", "text", "--format"),
                invalid("import malloc @text --format android --out @new", "text", "line 1"),
                invalid("collect --strategy ideal --workload replay:trace=@text --out @new", "is no malloc trace"),
                invalid("import malloc @zero --out @new", "zero", "no malloc call"),
                invalid("import malloc @empty --out @new", "empty", "directory"),
                invalid("import ftrace @text --out @new", "text", "line 1"),
                invalid("import ftrace @empty --out @new", "empty", "directory"),
                invalid("import ftrace @good/events-00000.parquet --out @new", "events-00000.parquet", "line 1"),
                invalid(
                        "import perf-script ../sample-traces/real-preemptions/ftrace.txt --out @new",
                        "ftrace.txt",
                        "looks like ftrace"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({
        "wrongNamesAndOptions",
        "wrongNumbers",
        "placesThatCannotBeWrittenTo",
        "damagedTraces",
        "damagedTexts"
    })
    void isAnsweredInALineAndLeavesNothingBehind(String line, int code, String... words) throws IOException {
        Set<String> before = contents();
        Answer answer = run(line.replace("@", folder + "/"));
        assertThat(answer.code()).as(answer.err()).isEqualTo(code);
        assertThat(answer.err()).startsWith("rseqlab: ").contains(words);
        assertThat(answer.err())
                .doesNotContain("\tat ")
                .doesNotContain("Exception")
                .doesNotContain("InputFile@");
        assertThat(answer.err().lines()).as(answer.err()).hasSizeLessThanOrEqualTo(MOST_LINES);
        assertThat(contents()).isEqualTo(before);
    }

    private static Set<String> contents() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            Set<String> contents = new TreeSet<>();
            for (Path file : files.toList()) {
                contents.add(file + " " + (Files.isRegularFile(file) ? Files.size(file) : "folder"));
            }
            return contents;
        }
    }

    /** Two quotes stand for the empty word. */
    private static Answer run(String line) {
        String[] words = line.isEmpty() ? new String[0] : line.split(" ");
        Arrays.setAll(words, i -> words[i].equals("''") ? "" : words[i]);
        return Answer.run((Object[]) words);
    }
}
