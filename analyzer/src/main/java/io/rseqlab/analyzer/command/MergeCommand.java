package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.compare.FailIf;
import io.rseqlab.analyzer.engine.PartialFile;
import io.rseqlab.analyzer.engine.PartialRun;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.collector.spec.Hint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The verb {@code merge}. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        header = "Put partial results of analyze together.",
        description = {
            "",
            "Takes what analyze --partial wrote, on whatever machines and in whatever order, and prints the"
                    + " document that one analyze over all the traces prints, bit for bit. Parts that are missing,"
                    + " there twice or of other traces are refused.",
            ""
        },
        footer = {
            "",
            "Example:",
            "  rseqlab analyze out/a --partial a.part",
            "  rseqlab analyze out/b --partial b.part",
            "  rseqlab merge a.part b.part --format json --out all.json",
            "",
            FailIf.HELP
        })
public final class MergeCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "PARTIAL", description = "Files that analyze --partial wrote.")
    private List<Path> files;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            defaultValue = "table",
            description = "Form of the result: table, json, csv or parquet, the last with --out (default:"
                    + " ${DEFAULT-VALUE}).")
    private Format format;

    @Mixin
    private RunFailIf failIf;

    @Mixin
    private OutputOption out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        out.requireTakes(format);
        failIf.requireGrammar();
        AnalysisDocument document;
        try (Output output = out.open()) {
            List<PartialRun> parts = new ArrayList<>();
            files.forEach(file -> parts.addAll(PartialFile.read(file)));
            document = PartialFile.merge(parts);
            failIf.check(document);
            AnalysisText.write(document, format, output);
        }
        spec.commandLine().getErr().println(Hint.next("report", "RESULT.json", "--out", "REPORT"));
        return failIf.judge(document);
    }
}
