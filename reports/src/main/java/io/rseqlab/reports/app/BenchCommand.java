package io.rseqlab.reports.app;

import io.rseqlab.analyzer.stats.CoverageOfMethods;
import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.spec.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab bench}: how fast the program itself is, on this host, for anyone to repeat. */
@Command(
        name = "bench",
        header = "Measure how fast the simulator is on this host.",
        description = {
            "",
            "simulate: one host thread runs churn on 16 simulated CPUs with full timing and coherence, without the"
                    + " memory oracle. Prints micro-operations and simulated seconds per processor second of that"
                    + " thread: every run, the median, least and most.",
            "With --scale instead: the same for 1 to 1024 CPUs and 1 to 16384 threads of which most sleep.",
            "write: one thread writes a trace of --rows operations, in rows per second.",
            "analyze: all metrics of a trace of --rows kernel events, and one that needs three columns, in rows per"
                    + " second of processor time of all threads. Next to DuckDB: mvn test -Pbenchmark.",
            "coverage: how often intervals hold the truth, in --studies that are drawn with a known ratio, with a fixed"
                    + " number of seeds and under --precision of collect and sweep.",
            "methods: the same for each method of an interval by itself, by number of runs and law.",
            "inner: inner parts by themselves (cache lookup, branch prediction, order of cores and of events, column"
                    + " buffers and more), in nanoseconds of processor time each.",
            "demo: seconds from the start of rseqlab demo to its page, each in a JVM of its own.",
            ""
        },
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
    private static final String SIMULATE = "simulate";

    /** The host's compiler needs some seconds until all that is used often is compiled. */
    private static final int WARM_UP_RUNS = 4;

    /** Engines by what they are called here. */
    enum EngineName {
        INTERPRETER(Engine.INTERPRETER),
        COMPILED(Engine.COMPILED),
        FASTEST(Engine.COMPILED_FAST_FORWARD);

        private final Engine engine;

        EngineName(Engine engine) {
            this.engine = engine;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec
    private CommandSpec command;

    @Parameters(
            paramLabel = "WHAT",
            description = "What to measure: simulate, write, analyze, coverage, methods, inner or demo.")
    private String what;

    @Option(
            names = "--strategy",
            paramLabel = "NAME[:KEY=VALUE,...]",
            defaultValue = "rseq-freelist",
            description = "What allocates (default: ${DEFAULT-VALUE}).")
    private String strategy;

    @Option(
            names = "--workload",
            paramLabel = "NAME[:KEY=VALUE,...]",
            defaultValue = "churn",
            description = "What is run (default: ${DEFAULT-VALUE}).")
    private String workload;

    @Option(
            names = "--cpus",
            paramLabel = "N",
            defaultValue = "16",
            description = "Simulated CPUs (default: ${DEFAULT-VALUE}).")
    private int cpus;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "16",
            description = "Simulated threads (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "Counted runs (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "2",
            description = "Processor time per run (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            defaultValue = "fastest",
            description =
                    "How programs are executed: interpreter is one micro-operation at a time, the reference; compiled,"
                            + " paths taken often as host code; fastest, that and exact fast-forward (default:"
                            + " ${DEFAULT-VALUE}).")
    private EngineName engine;

    @Option(names = "--interpreter", description = "The same as --engine interpreter.")
    private boolean interpreter;

    @Option(names = "--oracle", description = "With the memory oracle.")
    private boolean oracle;

    @Option(names = "--scale", description = "A table of cost against size instead.")
    private boolean scale;

    @Option(
            names = "--compare",
            description = "Also times valgrind's cachegrind on a like native loop, and prints the ratio.")
    private boolean compare;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "5000000",
            description = "Rows that write and analyze work on (default: ${DEFAULT-VALUE}).")
    private long rows;

    @Option(
            names = "--studies",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Studies that coverage and methods draw for each row (default: ${DEFAULT-VALUE}).")
    private int studies;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "What they are drawn from (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private TableOrJson format;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (runs < 1 || !(seconds > 0)) {
            throw new UsageException("--runs and --seconds must be above 0");
        }
        if (cpus < 1 || threads < 1 || rows < 1 || studies < 1) {
            throw new UsageException("--cpus, --threads, --rows and --studies must be at least 1");
        }
        PrintWriter out = command.commandLine().getOut();
        switch (what) {
            case SIMULATE -> simulate(out);
            case "write" -> print("", new BenchTrace(rows, runs).write(), out);
            case "analyze" ->
                new BenchTrace(rows, runs).analyze().forEach((of, figures) -> print(", " + of, figures, out));
            case "coverage" -> printCoverage(out);
            case "methods" -> printMethods(out);
            case "inner" -> printInner(new BenchInner(runs, seconds).run(), out);
            case "demo" -> printDemo(new BenchDemo(runs).run(), out);
            default ->
                throw new UsageException("nothing to measure is called '" + what + "'; known: " + SIMULATE
                        + ", write, analyze, coverage, methods, inner, demo");
        }
        return 0;
    }

    private void print(String of, BenchFigures figures, PrintWriter out) {
        if (format.json()) {
            out.printf(
                    Locale.ROOT,
                    "{\"what\":\"%s%s\",\"rows\":%d,\"rows_per_s\":%s,\"java\":\"%s\"}%n",
                    what,
                    of,
                    rows,
                    figures.json(),
                    Runtime.version());
        } else {
            out.printf("%s%s, %d rows: median %s%n", what, of, rows, figures.text());
        }
    }

    private void printCoverage(PrintWriter out) {
        List<BenchCoverage.Row> all = new BenchCoverage(studies, seed).rows();
        if (format.json()) {
            out.printf(
                    Locale.ROOT,
                    "{\"what\":\"coverage\",\"studies\":%d,\"seed\":%d,\"rows\":[%s]}%n",
                    studies,
                    seed,
                    String.join(",", all.stream().map(BenchCoverage.Row::json).toList()));
            return;
        }
        out.printf(Locale.ROOT, "%d studies a row, drawn from seed %d; intervals of 95 %%%n", studies, seed);
        out.println(BenchCoverage.heading());
        all.forEach(row -> out.println(row.text()));
    }

    private void printInner(Map<String, BenchFigures> parts, PrintWriter out) {
        if (format.json()) {
            List<String> rows = parts.entrySet().stream()
                    .map(part -> "{\"part\":\"" + part.getKey() + "\",\"ns\":"
                            + part.getValue().json() + "}")
                    .toList();
            out.printf(
                    "{\"what\":\"inner\",\"parts\":[%s],\"java\":\"%s\"}%n", String.join(",", rows), Runtime.version());
            return;
        }
        parts.forEach((name, figures) -> out.printf("%-46s median %s%n", name, figures.text()));
    }

    private void printMethods(PrintWriter out) {
        List<CoverageOfMethods.Row> all = new CoverageOfMethods(studies, seed).rows();
        if (format.json()) {
            String form = "{\"method\":\"%s\",\"law\":\"%s\",\"size\":\"%s\",\"covered\":%.4f}";
            out.printf(
                    Locale.ROOT,
                    "{\"what\":\"methods\",\"studies\":%d,\"seed\":%d,\"rows\":[%s]}%n",
                    studies,
                    seed,
                    String.join(
                            ",",
                            all.stream()
                                    .map(row -> String.format(
                                            Locale.ROOT, form, row.method(), row.law(), row.size(), row.covered()))
                                    .toList()));
            return;
        }
        out.printf(Locale.ROOT, "%d studies a row, drawn from seed %d; intervals of 95 %%%n", studies, seed);
        out.printf(Locale.ROOT, "%-34s  %-55s  %-16s  %8s%n", "method", "law", "size", "covered");
        all.forEach(row -> out.printf(
                Locale.ROOT,
                "%-34s  %-55s  %-16s  %7.1f%%%n",
                row.method(),
                row.law(),
                row.size(),
                100 * row.covered()));
    }

    private void printDemo(BenchFigures seconds, PrintWriter out) {
        if (format.json()) {
            out.printf(
                    Locale.ROOT,
                    "{\"what\":\"demo\",\"processors\":%d,\"seconds\":%s,\"java\":\"%s\"}%n",
                    Runtime.getRuntime().availableProcessors(),
                    seconds.json(),
                    Runtime.version());
        } else {
            out.printf("demo: median %s%n", seconds.text());
        }
    }

    private void simulate(PrintWriter out) throws IOException, InterruptedException {
        engine = interpreter ? EngineName.INTERPRETER : engine;
        if (scale) {
            new BenchScale(strategy, engine.engine, runs, seconds).run(out, format.json());
            return;
        }
        BenchSimulation simulation = new BenchSimulation(strategy, workload, cpus, threads, oracle, engine.engine);
        simulation.warmUp(WARM_UP_RUNS * seconds);
        List<BenchSimulation.Sample> samples = simulation.samples(runs, seconds);
        BenchCachegrind.Outcome cachegrind = compare ? BenchCachegrind.run() : null;
        if (format.json()) {
            printJson(samples, cachegrind, out);
        } else {
            printTable(samples, cachegrind, out);
        }
    }

    private void printTable(List<BenchSimulation.Sample> samples, BenchCachegrind.Outcome cachegrind, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%s, %s, %d CPUs, %d threads, %s, one host thread%n",
                strategy,
                workload,
                cpus,
                threads,
                engine);
        out.printf(
                Locale.ROOT,
                "%4s  %16s  %18s  %24s  %8s%n",
                "run",
                "M micro-ops/s",
                "workload M ops/s",
                "simulated s/processor s",
                "skipped");
        for (int i = 0; i < samples.size(); i++) {
            BenchSimulation.Sample sample = samples.get(i);
            out.printf(
                    Locale.ROOT,
                    "%4d  %16.1f  %18.2f  %24.4f  %7.1f%%%n",
                    i + 1,
                    sample.microOpsPerSecond() / 1e6,
                    sample.operationsPerSecond() / 1e6,
                    sample.simulatedSecondsPerSecond(),
                    100 * sample.skippedShare());
        }
        BenchFigures speed = BenchSimulation.figures("M micro-ops/s", samples, s -> s.microOpsPerSecond() / 1e6);
        out.printf(Locale.ROOT, "median %s%n", speed.text());
        BenchFigures time = BenchSimulation.figures(
                "simulated s/processor s", samples, BenchSimulation.Sample::simulatedSecondsPerSecond);
        out.printf(Locale.ROOT, "median %s%n", time.text());
        if (cachegrind != null) {
            out.println(cachegrind.text(speed.median()));
        }
    }

    private void printJson(List<BenchSimulation.Sample> samples, BenchCachegrind.Outcome cachegrind, PrintWriter out) {
        BenchFigures speed = BenchSimulation.figures("1/s", samples, BenchSimulation.Sample::microOpsPerSecond);
        BenchFigures time = BenchSimulation.figures("s/s", samples, BenchSimulation.Sample::simulatedSecondsPerSecond);
        BenchFigures skipped = BenchSimulation.figures("share", samples, BenchSimulation.Sample::skippedShare);
        out.printf(
                Locale.ROOT,
                "{\"strategy\":\"%s\",\"workload\":\"%s\",\"cpus\":%d,\"threads\":%d,\"engine\":\"%s\",\"runs\":%d,"
                        + "\"micro_ops_per_s\":%.0f,\"micro_ops\":%s,\"simulated_s_per_s\":%s,\"skipped\":%s,"
                        + "%s\"java\":\"%s\"}%n",
                strategy,
                workload,
                cpus,
                threads,
                engine,
                samples.size(),
                speed.median(),
                speed.json(),
                time.json(),
                skipped.json(),
                cachegrind == null ? "" : "\"cachegrind\":" + cachegrind.json(speed.median() / 1e6) + ",",
                Runtime.version());
    }
}
