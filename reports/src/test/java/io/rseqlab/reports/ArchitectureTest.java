package io.rseqlab.reports;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rooms of all modules, which this one sees, and the arrows between them. A room imports the JDK's java packages,
 * itself, the rooms its arrow names, and the libraries that are its own business; nothing else. An arrow that turns out
 * wrong is corrected here and in the table of the README, in the change that proves it wrong.
 */
class ArchitectureTest {

    /** What each room may import, in the words of the README. A room includes the packages below it. */
    private static final Map<String, List<String>> ARROWS = Map.ofEntries(
            Map.entry("trace", List.of()),
            Map.entry("trace.malloc", List.of("trace")),
            Map.entry("trace.parquet", List.of("trace")),
            Map.entry("collector.spec", List.of()),
            Map.entry("collector.isa", List.of()),
            Map.entry("collector.machine", List.of("collector.isa")),
            Map.entry("collector.kernel", List.of("collector.isa", "collector.machine", "trace")),
            Map.entry("collector.strategy", List.of("collector.isa", "collector.spec", "collector.strategy.block")),
            Map.entry("collector.strategy.block", List.of("collector.isa")),
            Map.entry("collector.workload", List.of("collector.isa", "collector.spec", "trace", "trace.malloc")),
            Map.entry("collector.oracle", List.of("collector.isa", "collector.machine", "trace")),
            Map.entry(
                    "collector.conformance",
                    List.of("collector.isa", "collector.kernel", "collector.live", "collector.machine", "trace")),
            Map.entry("collector.live", List.of("collector.machine", "trace", "trace.malloc", "trace.parquet")),
            Map.entry(
                    "collector.published", List.of("collector.isa", "collector.kernel", "collector.machine", "trace")),
            Map.entry(
                    "collector.run",
                    List.of(
                            "collector.isa",
                            "collector.kernel",
                            "collector.live",
                            "collector.machine",
                            "collector.oracle",
                            "collector.spec",
                            "collector.strategy",
                            "collector.strategy.block",
                            "collector.workload",
                            "trace",
                            "trace.malloc",
                            "trace.parquet")),
            Map.entry(
                    "collector.sweep",
                    List.of(
                            "collector.run",
                            "collector.spec",
                            "collector.strategy",
                            "collector.workload",
                            "trace",
                            "trace.parquet")),
            Map.entry("analyzer.stats", List.of()),
            Map.entry("analyzer.metric", List.of("analyzer.result", "analyzer.stats", "trace")),
            Map.entry("analyzer.engine", List.of("analyzer.metric", "analyzer.result", "trace", "trace.parquet")),
            Map.entry("analyzer.result", List.of()),
            Map.entry("analyzer.compare", List.of("analyzer.result", "analyzer.stats")),
            Map.entry(
                    "analyzer.command",
                    List.of(
                            "analyzer.compare",
                            "analyzer.engine",
                            "analyzer.metric",
                            "analyzer.result",
                            "analyzer.stats",
                            "collector.spec", // how a misspelt name is answered, the same in every verb
                            "trace",
                            "trace.parquet")),
            Map.entry("reports.chart", List.of("analyzer.result")),
            Map.entry("reports.page", List.of("analyzer.result", "analyzer.stats", "reports.chart")),
            Map.entry(
                    "reports.app",
                    List.of(
                            "analyzer.command",
                            "analyzer.compare",
                            "analyzer.engine",
                            "analyzer.metric",
                            "analyzer.result",
                            "analyzer.stats", // bench tells how often intervals hold the truth
                            "collector.conformance",
                            "collector.kernel",
                            "collector.live",
                            "collector.machine",
                            "collector.oracle",
                            "collector.published",
                            "collector.run",
                            "collector.spec",
                            "collector.strategy",
                            "collector.sweep",
                            "collector.workload",
                            "reports.page",
                            "trace",
                            "trace.malloc",
                            "trace.parquet")));

    /** Rooms that read or write JSON. */
    private static final List<String> JSON = List.of(
            "trace.parquet",
            "collector.machine",
            "collector.live",
            "collector.run",
            "collector.sweep",
            "analyzer.result",
            "analyzer.command",
            "reports.page",
            "reports.app");

    /** Libraries, and the only rooms that know them. */
    private static final Map<String, List<String>> LIBRARIES = Map.ofEntries(
            Map.entry("org.apache.parquet", List.of("trace.parquet")),
            Map.entry("org.apache.hadoop", List.of("trace.parquet")),
            Map.entry("com.github.luben.zstd", List.of("trace.parquet")),
            Map.entry("io.airlift.compress", List.of("trace.parquet")),
            Map.entry("tools.jackson", JSON),
            Map.entry("com.fasterxml.jackson.annotation", JSON),
            Map.entry("org.objectweb.asm", List.of("collector.machine")),
            Map.entry("org.apache.commons", List.of("analyzer.stats")),
            Map.entry("org.jfree", List.of("reports.chart")),
            Map.entry("javax.imageio", List.of("reports.chart")),
            Map.entry("io.jstach", List.of("reports.page")),
            Map.entry("picocli", List.of("collector.run", "collector.sweep", "analyzer.command", "reports.app")));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.rseqlab");

    static List<String> rooms() {
        return ARROWS.keySet().stream().sorted().toList();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomImportsOnlyWhatItsArrowNames(String room) {
        DescribedPredicate<JavaClass> lawful = inside(room).or(resideInAPackage("java.."));
        for (String other : ARROWS.get(room)) {
            lawful = lawful.or(inside(other));
        }
        for (Map.Entry<String, List<String>> library : LIBRARIES.entrySet()) {
            if (library.getValue().contains(room)) {
                lawful = lawful.or(resideInAPackage(library.getKey() + ".."));
            }
        }
        classes()
                .that(inside(room))
                .should()
                .onlyDependOnClassesThat(lawful.as("the rooms and libraries it may know: %s", ARROWS.get(room)))
                .as("room " + room)
                .check(CLASSES);
    }

    @Test
    void everyClassIsInARoomWithAnArrow() {
        assertThat(CLASSES)
                .allMatch(type -> rooms().stream().anyMatch(room -> inside(room).test(type)));
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void theReadmeStatesTheSameArrow(String room) throws IOException {
        String arrow = ARROWS.get(room).isEmpty() ? "nothing" : String.join(", ", ARROWS.get(room));
        List<String> readme = Files.readAllLines(Path.of("..", "README.md"));
        assertThat(readme)
                .anyMatch(line -> line.startsWith("| `" + room + "` |") && line.endsWith("| " + arrow + " |"));
    }

    /** The classes of a room, without those of a room inside it. */
    private static DescribedPredicate<JavaClass> inside(String room) {
        DescribedPredicate<JavaClass> classes = resideInAPackage("io.rseqlab." + room + "..");
        for (String other : ARROWS.keySet()) {
            if (other.startsWith(room + ".")) {
                classes = classes.and(DescribedPredicate.not(resideInAPackage("io.rseqlab." + other + "..")));
            }
        }
        return classes;
    }
}
