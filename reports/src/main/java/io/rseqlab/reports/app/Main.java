package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.AnalyzeCommand;
import io.rseqlab.analyzer.command.CheckCommand;
import io.rseqlab.analyzer.command.CompareCommand;
import io.rseqlab.analyzer.command.ExportCommand;
import io.rseqlab.analyzer.command.MergeCommand;
import io.rseqlab.analyzer.command.ViewCommand;
import io.rseqlab.collector.run.CalibrateCommand;
import io.rseqlab.collector.run.CollectCommand;
import io.rseqlab.collector.run.ImportCommand;
import io.rseqlab.collector.run.RecordCommand;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.sweep.SweepCommand;
import io.rseqlab.trace.OutputException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The front door. Reads the command line, runs one verb, and answers with one of the codes of {@link ExitCodes}.
 *
 * <p>Results go to standard output, everything else to standard error, both in UTF-8 whatever the locale.
 */
@Command(
        name = "rseqlab",
        header = "When do restartable sequences pay, and against what?",
        description = {
            "",
            "Runs allocator strategies on a model of a multi-core kernel, records what happens, and says which one"
                    + " wins, by how much, and why.",
            ""
        },
        synopsisSubcommandLabel = "VERB",
        commandListHeading = "",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:a bug of ours",
            "2:the command line or an experiment is wrong, memory cannot hold a run, or a result cannot be written",
            "3:an input cannot be read or is invalid, or this machine lacks what the verb needs",
            "4:a violation was found by check, by the memory oracle or by conformance",
            "5:a --tolerance or --fail-if was tripped",
            "130, 143:interrupted (INT, TERM); collect and record leave partial traces, sweep and study can be resumed"
        },
        footer = {"", "Help on one verb: rseqlab help VERB"})
public final class Main implements Runnable {

    /** Every verb, in the order of the help. To add one, write it down here, in its group. */
    static final List<VerbGroup> VERBS = List.of(
            VerbGroup.of("See it work", DemoCommand.class, HelpCommand.class),
            VerbGroup.of(
                    "Make traces",
                    CollectCommand.class,
                    SweepCommand.class,
                    RecordCommand.class,
                    ImportCommand.class,
                    ListCommand.class),
            VerbGroup.of(
                    "Read traces", CheckCommand.class, ViewCommand.class, AnalyzeCommand.class, MergeCommand.class),
            VerbGroup.of("Decide", CompareCommand.class, WhyCommand.class, StudyCommand.class, AdviseCommand.class),
            VerbGroup.of("Show", ReportCommand.class, ExportCommand.class),
            VerbGroup.of(
                    "Hold against reality",
                    CalibrateCommand.class,
                    ConformanceCommand.class,
                    ValidateCommand.class,
                    BenchCommand.class));

    @Spec
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] args) {
        WatchedOutput watched = WatchedOutput.standard();
        PrintStream out = utf8(watched);
        PrintStream err = utf8(new FileOutputStream(FileDescriptor.err));
        System.setOut(out);
        System.setErr(err);
        System.exit(delivered(run(out, err, args), watched.failure(), err));
    }

    /** The code of a command whose result may not have reached its reader: that is never a success. */
    private static int delivered(int code, OutputException failure, PrintStream err) {
        if (failure == null) {
            return code;
        }
        int failed = Failures.report(failure, new PrintWriter(err, true, StandardCharsets.UTF_8), List.of());
        return code == ExitCodes.DONE ? failed : code;
    }

    /** Runs one command line and returns its exit code; never exits and never throws. */
    public static int run(PrintStream out, PrintStream err, String... args) {
        return run(commandLine(), out, err, args);
    }

    static int run(CommandLine line, PrintStream out, PrintStream err, String... args) {
        PrintWriter outWriter = new PrintWriter(out, false, StandardCharsets.UTF_8);
        PrintWriter errWriter = new PrintWriter(err, true, StandardCharsets.UTF_8);
        try {
            line.setOut(outWriter).setErr(errWriter);
            // Before picocli sees it, which answers any --help, be the verb wrong or right.
            if (args.length > 0 && !args[0].isEmpty() && !args[0].startsWith("-")) {
                requireVerb(line, args[0]);
            }
            return line.execute(args);
        } catch (Throwable bug) {
            return Failures.report(bug, errWriter, List.of(args));
        } finally {
            outWriter.flush();
            errWriter.flush();
            out.flush();
            err.flush();
        }
    }

    /**
     * Refuses a word that is no verb.
     *
     * @throws ParameterException naming the verb that was meant, perhaps
     */
    static void requireVerb(CommandLine program, String word) {
        if (!program.getSubcommands().containsKey(word)) {
            String nearest =
                    Nearest.of(word, List.copyOf(program.getSubcommands().keySet()));
            String question = nearest == null ? "" : "; did you mean '" + nearest + "'?";
            throw new ParameterException(program, "no verb '" + word + "'" + question);
        }
    }

    /** Makes verbs, and gives those that need it what lies in another module. */
    private static final class Verbs implements IFactory {
        @Override
        public <K> K create(Class<K> verb) throws Exception {
            if (verb == SweepCommand.class) {
                return verb.cast(new SweepCommand(new ThroughputRatios()));
            }
            if (verb == CompareCommand.class) {
                return verb.cast(new CompareCommand(new MachineFacts(null)));
            }
            return verb == CollectCommand.class
                    ? verb.cast(new CollectCommand(new ThroughputRatios()))
                    : CommandLine.defaultFactory().create(verb);
        }
    }

    /** The command line with every verb, as the program, its tests and its shell completion see it. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main(), new Verbs());
        for (VerbGroup group : VERBS) {
            for (Class<?> verb : group.verbs()) {
                line.addSubcommand(verb);
            }
        }
        line.registerConverter(Path.class, Main::path);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler(Failures::reportUsage);
        line.setExecutionExceptionHandler(
                (failure, command, parsed) -> Failures.report(failure, command.getErr(), parsed.originalArgs()));
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, VerbGroup::renderAll);
        return line;
    }

    /** The empty path is the working directory, which nobody means who types two quotes. */
    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new TypeConversionException("the path is empty");
        }
        return Path.of(text);
    }

    /** Without a verb there is nothing to do: say so, and how to go on. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no verb: what should be done?");
    }

    private static PrintStream utf8(OutputStream stream) {
        return new PrintStream(stream, false, StandardCharsets.UTF_8);
    }
}
