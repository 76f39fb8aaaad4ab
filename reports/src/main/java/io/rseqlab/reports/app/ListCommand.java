package io.rseqlab.reports.app;

import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Metrics;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.run.Kernels;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.Strategies;
import io.rseqlab.collector.workload.Workload;
import io.rseqlab.collector.workload.Workloads;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab list}: what there is to choose from, with parameters, units, defaults and sources. */
@Command(
        name = "list",
        header = "List strategies, workloads, machines, kernels or metrics.",
        description = {"", "All of a kind, or those that are named.", ""},
        footer = {"", "Examples:", "  rseqlab list strategies", "  rseqlab list workloads churn larson"},
        mixinStandardHelpOptions = true)
public final class ListCommand implements Callable<Integer> {
    private static final List<String> KINDS = List.of("strategies", "workloads", "machines", "kernels", "metrics");

    private static final int COLUMNS = 116;
    private static final String INDENT = "        ";

    @Spec
    private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            description = "What to list: strategies, workloads, machines, kernels or metrics.")
    private String kind;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME", description = "Only these (default: all).")
    private List<String> names = List.of();

    @Override
    public Integer call() {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        switch (kind) {
            case "strategies" -> print("strategy", Strategies.ALL, AllocatorStrategy::id, one -> print(out, one));
            case "workloads" -> print("workload", Workloads.ALL, Workload::id, one -> print(out, one));
            case "machines" ->
                print(
                        "machine",
                        ProfileReader.SHIPPED.stream()
                                .map(ProfileReader::shipped)
                                .toList(),
                        MachineProfile::name,
                        one -> print(out, one));
            case "kernels" -> print("kernel", Kernels.ALL, RseqPolicy::id, one -> print(out, one));
            case "metrics" -> print("metric", Metrics.ALL, MetricInfo::id, one -> print(out, one));
            default -> throw new UsageException("there is no list of '" + kind + "'" + Nearest.hint(kind, KINDS));
        }
        out.flush();
        text.toString().lines().forEach(line -> command.commandLine().getOut().println(wrapped(line)));
        return 0;
    }

    /** All, or those that were named, each once. */
    private <T> void print(String what, List<T> all, Function<T, String> id, Consumer<T> printer) {
        Map<String, T> byId = new LinkedHashMap<>();
        all.forEach(one -> byId.put(id.apply(one), one));
        for (String name : names) {
            if (!byId.containsKey(name)) {
                throw new UsageException(
                        "no " + what + " '" + name + "'" + Nearest.hint(name, List.copyOf(byId.keySet())));
            }
        }
        (names.isEmpty() ? byId.keySet() : new LinkedHashSet<>(names)).forEach(name -> printer.accept(byId.get(name)));
    }

    /** The line, broken at spaces where it is too long for the screen, with what follows indented. */
    static String wrapped(String line) {
        if (line.length() <= COLUMNS) {
            return line;
        }
        int space = line.lastIndexOf(' ', COLUMNS);
        boolean breakable = space > INDENT.length() && !line.substring(0, space).isBlank();
        return breakable
                ? line.substring(0, space) + System.lineSeparator() + wrapped(INDENT + line.substring(space + 1))
                : line;
    }

    private static void print(PrintWriter out, AllocatorStrategy strategy) {
        out.printf("%s%n    %s%n    source: %s%n", strategy.id(), strategy.summary(), strategy.source());
        if (strategy.fallback() != null) {
            out.printf("    without rseq: %s%n", strategy.fallback());
        }
        if (strategy.withoutTransactions() != null) {
            out.printf("    without hardware transactions: %s%n", strategy.withoutTransactions());
        }
        strategy.parameters().forEach(parameter -> print(out, parameter));
    }

    private static void print(PrintWriter out, RseqPolicy policy) {
        out.printf("%s%n    %s%n    scheduler: %s%n", policy.id(), policy.summary(), policy.scheduler());
    }

    private static void print(PrintWriter out, Workload workload) {
        out.printf("%s%n    %s%n", workload.id(), workload.summary());
        workload.parameters().forEach(parameter -> print(out, parameter));
    }

    private static void print(PrintWriter out, Parameter parameter) {
        if (parameter.text()) {
            out.printf("    %s=%s  %s%n", parameter.name(), parameter.unit(), parameter.meaning());
            return;
        }
        if (!parameter.choices().isEmpty()) {
            out.printf(
                    "    %s=%s  %s (%s)%n",
                    parameter.name(),
                    parameter.choices().get((int) parameter.defaultValue()),
                    parameter.meaning(),
                    String.join(" or ", parameter.choices()));
            return;
        }
        out.printf(
                Locale.ROOT,
                "    %s=%s%s  %s (%s to %s)%n",
                parameter.name(),
                number(parameter.defaultValue()),
                parameter.unit().isEmpty() ? "" : " " + parameter.unit(),
                parameter.meaning(),
                number(parameter.least()),
                number(parameter.most()));
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%s", value);
    }

    private static void print(PrintWriter out, MachineProfile machine) {
        long assumed =
                machine.facts().stream().filter(MachineProfile.Fact::assumed).count();
        out.printf(
                Locale.ROOT,
                "%s%n    %d CPUs at %.2f GHz, %s; %d figures, %d of them assumed%n",
                machine.name(),
                machine.cpus(),
                machine.clockHz() / 1e9,
                held(machine),
                machine.facts().size(),
                assumed);
    }

    /** Whether the machine was held against a real one, in words. */
    private static String held(MachineProfile machine) {
        if (!machine.validated()) {
            return "never validated: results are extrapolated";
        }
        return String.format(
                Locale.ROOT,
                "validated on %d CPUs: half of the throughputs within %.1f %%, of threads that share lines within"
                        + " %.1f %%",
                machine.error().cpus(),
                100 * machine.error().unshared(),
                100 * machine.error().shared());
    }

    private static void print(PrintWriter out, MetricInfo info) {
        out.printf("%s%s%n    %s%n", info.id(), info.unit().isEmpty() ? "" : " [" + info.unit() + "]", info.meaning());
    }
}
