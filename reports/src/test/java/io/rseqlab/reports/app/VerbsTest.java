package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * A verb that is written but cannot be typed, or is promised but not there, is a bug nobody would see in a test of it.
 */
class VerbsTest {

    private static final Pattern ROW = Pattern.compile("^\\| `([a-z]+)` \\|", Pattern.MULTILINE);

    @Test
    void everyCommandInTheProgramCanBeReached() {
        Set<String> reachable = new TreeSet<>();
        collect(Main.commandLine(), reachable);
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(
                        "io.rseqlab.collector.run",
                        "io.rseqlab.collector.sweep",
                        "io.rseqlab.analyzer.command",
                        "io.rseqlab.reports.app")) {
            if (type.isAnnotatedWith(Command.class) && !type.getModifiers().contains(JavaModifier.ABSTRACT)) {
                assertThat(reachable).contains(type.getName());
            }
        }
    }

    @Test
    void theReadmeListsTheVerbsThereAre() throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        String section = readme.substring(readme.indexOf("## Verbs"), readme.indexOf("## Rooms"));
        List<String> rows = ROW.matcher(section)
                .results()
                .map((MatchResult row) -> row.group(1))
                .toList();
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(
                        Main.commandLine().getSubcommands().keySet());
    }

    @Test
    void everyVerbSaysInOneLineWhatItDoes() {
        Main.commandLine().getSubcommands().forEach((name, verb) -> {
            String[] header = verb.getCommandSpec().usageMessage().header();
            assertThat(header).as(name).hasSize(1);
            assertThat(header[0].length()).as(name).isLessThan(80);
        });
    }

    private static void collect(CommandLine line, Set<String> names) {
        names.add(line.getCommandSpec().userObject().getClass().getName());
        line.getSubcommands().values().forEach(verb -> collect(verb, names));
    }
}
