package io.rseqlab.reports.app;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab help}: what {@code --help} prints, of the program or of a verb. */
@Command(
        name = "help",
        mixinStandardHelpOptions = true,
        header = "Say how the program, or one verb, is used.",
        description = "",
        footer = {"", "Example: rseqlab help collect"})
public final class HelpCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "VERB", description = "The verb; none for the program itself.")
    private String verb;

    @Override
    public Integer call() {
        CommandLine program = spec.commandLine().getParent();
        if (verb != null) {
            Main.requireVerb(program, verb);
        }
        CommandLine asked = verb == null ? program : program.getSubcommands().get(verb);
        asked.usage(program.getOut());
        return ExitCodes.DONE;
    }
}
