package io.rseqlab.analyzer.command;

import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option {@code --out} of verbs whose result is one text. */
public final class OutputOption {
    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write to this file, over what it holds, instead of standard output.")
    private Path file;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /**
     * Refuses a form that standard output cannot take.
     *
     * @throws ParameterException if it is Parquet and no file is named
     */
    void requireTakes(Format format) {
        if (format == Format.PARQUET && (file == null || file.toString().equals("-"))) {
            throw new ParameterException(spec.commandLine(), "--format parquet needs a file: name it with --out");
        }
    }

    /**
     * Opens the place before the work begins.
     *
     * @throws io.rseqlab.trace.OutputException if it cannot be written
     */
    public Output open() {
        return Output.open(file, spec.commandLine().getOut());
    }
}
