package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.compare.FailIf;
import io.rseqlab.analyzer.result.AnalysisDocument;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option {@code --fail-if} of verbs whose result speaks of runs: for scripts that guard a figure. */
final class RunFailIf {
    private static final int TRIPPED = 5;

    @Option(
            names = "--fail-if",
            paramLabel = "COND",
            description = "Exit with 5 where a run meets this condition; see below.")
    private String text;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    boolean given() {
        return text != null;
    }

    /** Refuses what is no condition, before any work is done for it. */
    void requireGrammar() {
        if (text != null) {
            condition();
        }
    }

    /** Refuses a condition that cannot be meant, before the result is written. */
    void check(AnalysisDocument document) {
        if (text != null) {
            List<String> unknown = condition().unknownIn(document);
            if (!unknown.isEmpty()) {
                throw usage(String.join(", ", unknown));
            }
        }
    }

    /** The exit code; says on standard error where the condition holds. */
    int judge(AnalysisDocument document) {
        if (text == null) {
            return 0;
        }
        List<String> tripped = condition().trippedIn(document);
        tripped.forEach(line -> spec.commandLine().getErr().println("--fail-if tripped: " + line));
        return tripped.isEmpty() ? 0 : TRIPPED;
    }

    private FailIf condition() {
        try {
            return FailIf.parse(text);
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), "--fail-if: " + message);
    }
}
