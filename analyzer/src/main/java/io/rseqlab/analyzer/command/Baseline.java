package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.compare.BaselineName;
import io.rseqlab.analyzer.compare.Comparison;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.spec.Nearest;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What {@code --baseline} means among the runs that there are. */
public final class Baseline {
    private Baseline() {}

    /**
     * The strategy meant, as the comparison names it.
     *
     * @throws ParameterException if no run has it, or several settings of it ran: the message says which there are
     */
    public static String among(List<RunResult> runs, String wanted, CommandSpec spec) {
        List<String> strategies = Comparison.strategies(runs);
        List<String> fitting = BaselineName.fitting(wanted, runs);
        if (fitting.size() > 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--baseline '" + wanted + "' fits several strategies: " + String.join("; ", fitting));
        }
        if (fitting.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no run of the baseline '" + wanted + "'"
                            + (strategies.isEmpty()
                                    ? "; nothing here can be compared"
                                    : Nearest.hint(wanted, strategies)));
        }
        return fitting.get(0);
    }
}
