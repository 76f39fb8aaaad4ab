package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Help is read in a terminal of 80 columns: it breaks where the terminal does, and reads as one hand wrote it. */
class HelpTextTest {
    private static final int COLUMNS = 80;

    static Stream<CommandLine> verbs() {
        CommandLine program = Main.commandLine();
        return Stream.concat(Stream.of(program), program.getSubcommands().values().stream());
    }

    private static UsageMessageSpec texts(CommandLine verb) {
        return verb.getCommandSpec().usageMessage();
    }

    private static List<String> written(String... lines) {
        return Arrays.stream(lines).filter(line -> !line.isEmpty()).toList();
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void nothingIsWiderThanTheTerminal(CommandLine verb) {
        texts(verb).autoWidth(false).width(COLUMNS);
        assertThat(verb.getUsageMessage().lines()).allMatch(line -> line.length() <= COLUMNS);
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void aParagraphIsOneTextThatTheTerminalBreaks(CommandLine verb) {
        assertThat(written(texts(verb).description())).allMatch(paragraph -> paragraph.endsWith("."));
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void examplesAreNeverBrokenByTheTerminal(CommandLine verb) {
        assertThat(written(texts(verb).footer()).stream().filter(line -> line.contains("rseqlab ")))
                .allMatch(line -> line.length() < COLUMNS);
    }

    /** Its label shows what a list looks like; what picocli would add shows it a second time. */
    @ParameterizedTest
    @MethodSource("verbs")
    void aListIsShownOnce(CommandLine verb) {
        for (ArgSpec argument : verb.getCommandSpec().args()) {
            if (!argument.splitRegex().isEmpty()) {
                assertThat(argument.hideParamSyntax()).as(argument.toString()).isTrue();
                assertThat(argument.paramLabel()).contains(argument.splitRegex());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void whatAVerbAndItsOptionsDoIsASentence(CommandLine verb) {
        assertThat(texts(verb).header()).allMatch(line -> line.matches("[A-Z].*[.?]"));
        for (ArgSpec argument : verb.getCommandSpec().args()) {
            assertThat(String.join(" ", argument.description()))
                    .as(argument.toString())
                    .matches("[A-Z].*\\.");
        }
    }
}
