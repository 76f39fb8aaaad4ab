package io.rseqlab.spark;

import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.metric.Metrics;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What {@code spark-submit} starts: {@code analyze TRACE|DIR... [--metrics ID,...] [--timeline] [--groups-per-task N]
 * [--out FILE]}, as the verb of the program, with JSON as the form of the result. Exit codes are the program's.
 */
public final class SparkMain {
    private static final int USAGE = 2;
    private static final int INVALID = 3;
    private static final int GROUPS_PER_TASK = 4;
    private static final String HOW = "usage: spark-submit ... rseqlab-spark.jar analyze TRACE|DIR... [--metrics"
            + " ID[,ID...]] [--timeline] [--groups-per-task N] [--out FILE]";

    private final List<Path> places = new ArrayList<>();
    private Set<String> metrics = AnalyzerOptions.DEFAULT.metrics();
    private boolean timeline;
    private int groupsPerTask = GROUPS_PER_TASK;
    private Path out;

    private SparkMain() {}

    /** A command line that is wrong, in words. */
    private static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Wrong(String message) {
            super(message);
        }
    }

    public static void main(String[] args) {
        int code = run(new SparkConf().setAppName("rseqlab analyze"), args, System.out, System.err);
        if (code != 0) {
            System.exit(code);
        }
    }

    /**
     * Runs a command line.
     *
     * @param conf names the cluster
     * @return the exit code
     */
    static int run(SparkConf conf, String[] args, PrintStream stdout, PrintStream stderr) {
        try {
            SparkMain asked = parse(args);
            List<Path> traces = Traces.find(asked.places);
            if (asked.out != null && Files.isDirectory(asked.out)) {
                throw new Wrong("--out " + asked.out + " is a folder");
            }
            try (JavaSparkContext spark = new JavaSparkContext(conf)) {
                asked.write(asked.analyze(spark, traces), stdout);
            }
            return 0;
        } catch (Wrong | IOException e) {
            stderr.println("rseqlab: " + e.getMessage() + System.lineSeparator() + HOW);
            return USAGE;
        } catch (TraceException e) {
            stderr.println("rseqlab: " + e.getMessage());
            return INVALID;
        }
    }

    /** Spark says that a task failed, and only in words why. */
    private AnalysisDocument analyze(JavaSparkContext spark, List<Path> traces) {
        try {
            return analysis(spark).analyze(traces);
        } catch (Exception e) {
            String text = String.valueOf(e.getMessage());
            String name = TraceException.class.getName() + ": ";
            if (e instanceof SparkException && text.contains(name)) {
                String rest = text.substring(text.indexOf(name) + name.length());
                throw new TraceException(rest.lines().findFirst().orElse(rest), e);
            }
            throw e;
        }
    }

    private static SparkMain parse(String[] args) {
        SparkMain asked = new SparkMain();
        if (args.length == 0 || !args[0].equals("analyze")) {
            throw new Wrong("the verb here is analyze" + (args.length == 0 ? "" : ", not '" + args[0] + "'"));
        }
        for (int i = 1; i < args.length; i++) {
            String word = args[i];
            if (word.equals("--timeline")) {
                asked.timeline = true;
            } else if (!word.startsWith("--")) {
                asked.places.add(Path.of(word));
            } else if (i + 1 == args.length) {
                throw new Wrong(word + " needs a value, or is unknown");
            } else {
                asked.set(word, args[++i]);
            }
        }
        if (asked.places.isEmpty()) {
            throw new Wrong("no trace is named");
        }
        return asked;
    }

    private void set(String option, String value) {
        switch (option) {
            case "--metrics" -> {
                metrics = new HashSet<>(List.of(value.split(",")));
                metrics.stream()
                        .filter(id -> Metrics.of(id) == null)
                        .findFirst()
                        .ifPresent(id -> {
                            throw new Wrong("no metric is called '" + id + "'; rseqlab list metrics names them");
                        });
            }
            case "--groups-per-task" -> {
                if (!value.matches("[1-9]\\d{0,5}")) {
                    throw new Wrong("--groups-per-task must be a whole number above 0, not " + value);
                }
                groupsPerTask = Integer.parseInt(value);
            }
            case "--out" -> out = Path.of(value);
            default -> throw new Wrong("no option is called " + option);
        }
    }

    private SparkAnalysis analysis(JavaSparkContext spark) {
        return new SparkAnalysis(spark, metrics, timeline, groupsPerTask);
    }

    private void write(AnalysisDocument document, PrintStream stdout) throws IOException {
        String json = ResultJson.write(document);
        if (out == null) {
            stdout.print(json);
            stdout.flush();
        } else {
            Files.writeString(out, json, StandardCharsets.UTF_8);
        }
    }
}
