package io.rseqlab;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Keeps every Java source of the three modules small, finished and introduced. It stands in the first module that is
 * built, so that it is the first to complain.
 */
class TidyTest {

    private static final int MAX_LINES_OF_FILE = 400;
    private static final int MAX_LINES_OF_METHOD = 70;

    /** Files that may be longer, and how long. A waiver no longer needed fails, so that the list only shrinks. */
    private static final Map<String, Integer> WAIVED = Map.of();

    /** On a method, where the reason stands beside it; a suppression no longer needed fails as well. */
    private static final String LONG_METHOD = "@SuppressWarnings(\"MethodLength\")";

    private static final int MAX_COLUMNS = 120;

    /** Spelled apart, so that this file may pass its own test. */
    private static final Pattern LEFTOVER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X|HA" + "CK)\\b");

    private static final Pattern JAVADOC_BEFORE_PACKAGE =
            Pattern.compile("/\\*\\*[\\s*]*\\w(?:(?!\\*/).)*\\*/\\s*package ", Pattern.DOTALL);

    private static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

    @Test
    void filesAreShort() throws IOException {
        List<String> offences = new ArrayList<>();
        for (Path source : sources()) {
            int lines = Files.readAllLines(source).size();
            Integer waiver = WAIVED.get(name(source));
            if (lines > (waiver == null ? MAX_LINES_OF_FILE : waiver)) {
                offences.add(name(source) + " has " + lines + " lines");
            } else if (waiver != null && lines <= MAX_LINES_OF_FILE) {
                offences.add(name(source) + " no longer needs its waiver");
            }
        }
        assertThat(offences).isEmpty();
    }

    @Test
    void linesFitTheScreenAndNothingIsLeftForLater() throws IOException {
        List<String> offences = new ArrayList<>();
        for (Path source : sources()) {
            List<String> lines = Files.readAllLines(source);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.length() > MAX_COLUMNS) {
                    offences.add(name(source) + ":" + (i + 1) + " has " + line.length() + " columns");
                }
                if (LEFTOVER.matcher(line).find()) {
                    offences.add(name(source) + ":" + (i + 1) + " leaves something for later: " + line.strip());
                }
            }
        }
        assertThat(offences).isEmpty();
    }

    @Test
    void methodsAreShort() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> offences = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources()));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new MethodLengths(unit, positions, offences).scan(unit, null);
            }
        }
        assertThat(offences).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIsFor() throws IOException {
        List<String> offences = new ArrayList<>();
        List<Path> packages = sources().stream()
                .filter(source -> name(source).contains("src/main/java"))
                .map(Path::getParent)
                .distinct()
                .toList();
        for (Path folder : packages) {
            Path introduction = folder.resolve("package-info.java");
            if (!Files.exists(introduction)) {
                offences.add(name(folder) + " has no package-info.java");
            } else if (!JAVADOC_BEFORE_PACKAGE
                    .matcher(Files.readString(introduction))
                    .find()) {
                offences.add(name(introduction) + " does not say what the package is for");
            }
        }
        assertThat(offences).isEmpty();
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : List.of("collector", "analyzer", "reports")) {
            Path root = CHECKOUT.resolve(module).resolve("src");
            if (Files.isDirectory(root)) {
                try (Stream<Path> files = Files.walk(root)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        assertThat(sources).isNotEmpty();
        return sources.stream().sorted().toList();
    }

    private static String name(Path file) {
        return CHECKOUT.relativize(file).toString().replace('\\', '/');
    }

    /** Measures methods and block lambdas from the first line of their declaration to the closing brace. */
    private static final class MethodLengths extends TreeScanner<Void, Void> {

        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> offences;

        MethodLengths(CompilationUnitTree unit, SourcePositions positions, List<String> offences) {
            this.unit = unit;
            this.positions = positions;
            this.offences = offences;
        }

        @Override
        public Void visitMethod(MethodTree method, Void unused) {
            measure(method, method.getName().toString(), isWaived(method));
            return super.visitMethod(method, null);
        }

        @Override
        public Void visitLambdaExpression(LambdaExpressionTree lambda, Void unused) {
            measure(lambda, "a lambda", false);
            return super.visitLambdaExpression(lambda, null);
        }

        private static boolean isWaived(MethodTree method) {
            return method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation -> annotation.toString().equals(LONG_METHOD));
        }

        private void measure(Tree tree, String what, boolean waived) {
            long start = positions.getStartPosition(unit, tree);
            long end = positions.getEndPosition(unit, tree);
            if (start < 0 || end < 0) {
                return;
            }
            long first = unit.getLineMap().getLineNumber(start);
            long lines = unit.getLineMap().getLineNumber(end) - first + 1;
            String file = TidyTest.name(Path.of(unit.getSourceFile().toUri()));
            if (waived && lines <= MAX_LINES_OF_METHOD) {
                offences.add(file + ":" + first + " " + what + " no longer needs " + LONG_METHOD);
            } else if (!waived && lines > MAX_LINES_OF_METHOD) {
                offences.add(file + ":" + first + " " + what + " has " + lines + " lines");
            }
        }
    }
}
