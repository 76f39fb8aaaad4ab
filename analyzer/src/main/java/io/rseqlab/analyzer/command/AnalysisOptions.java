package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.engine.Traces;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What verbs that compute metrics have in common: which traces, in what form, to where, on how many threads. */
final class AnalysisOptions {
    @Parameters(arity = "1..*", paramLabel = "TRACE|DIR", description = "Traces, or directories that hold traces.")
    private List<Path> places;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            defaultValue = "table",
            description = "Form of the result: table, json, csv or parquet, the last with --out (default:"
                    + " ${DEFAULT-VALUE}).")
    private Format format;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Host threads; they change no number (default: all processors).")
    private Integer threads;

    @Mixin
    private OutputOption output;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** What was named. */
    List<Path> places() {
        return places;
    }

    /** The traces there. */
    List<Path> traces() {
        return Traces.find(places);
    }

    Format format() {
        return format;
    }

    Output open() {
        output.requireTakes(format);
        return output.open();
    }

    /** Host threads asked for, all processors by default. */
    int threads() {
        if (threads == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads must be at least 1, not " + threads);
        }
        return threads;
    }
}
