package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.Output;
import io.rseqlab.analyzer.command.OutputOption;
import io.rseqlab.collector.conformance.Conformance;
import io.rseqlab.collector.conformance.PolicyTable;
import io.rseqlab.collector.conformance.Row;
import io.rseqlab.collector.kernel.RseqArea;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.live.ConformanceDriver;
import io.rseqlab.collector.run.Kernels;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rseqlab conformance}: the rules of rseq, rule by rule: policy, model, kernel. */
@Command(
        name = "conformance",
        header = "Show rule by rule what policy, model and kernel do about rseq.",
        description = {
            "",
            "One row per rule: what the policy says, what the model did when a small program tried it, and with"
                    + " --native what the kernel of this machine did. A rule that one of them cannot show is marked and"
                    + " the reason printed below.",
            "",
            "--native compiles a small C program at first use and runs each rule in a process of its own, a second or"
                    + " two in all. It needs Linux on x86-64 with rseq and a C compiler (cc, or what CC names); the"
                    + " program is kept below RSEQLAB_CACHE, XDG_CACHE_HOME or ~/.cache.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:no rule where two of policy, model and kernel differ",
            "3:--native, and this machine lacks what it needs",
            "4:a rule differs"
        },
        footer = {"", "Example: rseqlab conformance --kernel linux-6.18 --native"},
        mixinStandardHelpOptions = true)
public final class ConformanceCommand implements Callable<Integer> {
    private static final String ALL = "all";

    @Spec
    private CommandSpec command;

    @Option(
            names = "--kernel",
            paramLabel = "K",
            defaultValue = "linux-6.18",
            description = "Kernel whose rules to try, see rseqlab list kernels; or all, for a table with a column for"
                    + " each (default: ${DEFAULT-VALUE}).")
    private String kernel;

    @Option(names = "--native", description = "Try the rules on the kernel of this machine as well.")
    private boolean onMachine;

    @Mixin
    private TableOrJson format;

    @Mixin
    private OutputOption out;

    @Override
    public Integer call() throws IOException {
        List<RseqPolicy> policies = ALL.equals(kernel) ? Kernels.ALL : List.of(Kernels.policy(kernel));
        try (Output output = out.open()) {
            Map<String, ConformanceDriver.Answer> answers =
                    onMachine ? ConformanceDriver.open(System.getenv()).run(areaBytes(policies)) : null;
            String release = onMachine ? System.getProperty("os.version") : null;
            PolicyTable table = PolicyTable.shipped();
            Map<RseqPolicy, List<Row>> rows = new LinkedHashMap<>();
            policies.forEach(policy -> rows.put(policy, Conformance.rows(table, policy, answers)));
            if (ALL.equals(kernel)) {
                ConformanceMatrix matrix = new ConformanceMatrix(rows, release);
                output.write(format.json() ? matrix.json() : matrix.table());
                return told(matrix.differing());
            }
            ConformanceReport report = new ConformanceReport(policies.get(0), rows.get(policies.get(0)), release);
            output.write(format.json() ? report.json() : report.table());
            return told(report.differing());
        }
    }

    /** The kernel may do otherwise about longer areas: it is asked as the policy's C library would. */
    private static int areaBytes(List<RseqPolicy> policies) {
        return policies.size() == 1 ? policies.get(0).libraryBytes() : RseqArea.LENGTH;
    }

    private int told(List<String> differing) {
        PrintWriter err = command.commandLine().getErr();
        differing.forEach(what -> err.println("rseqlab: violation: " + what));
        return differing.isEmpty() ? ExitCodes.DONE : ExitCodes.VIOLATION;
    }
}
