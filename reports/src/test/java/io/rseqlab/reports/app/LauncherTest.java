package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher finds its checkout however it is called. A script that prints its words stands in for Java. */
class LauncherTest {
    @TempDir
    Path scratch;

    private Path home;
    private Path links;

    @BeforeEach
    void prepare() throws IOException {
        scratch = scratch.toRealPath();
        home = Files.createDirectories(scratch.resolve("a checkout"));
        Files.copy(Path.of("..", "rseqlab"), home.resolve("rseqlab"));
        assertThat(home.resolve("rseqlab").toFile().setExecutable(true)).isTrue();
        Files.writeString(
                Files.createDirectories(home.resolve("reports/target")).resolve("rseqlab.jar"), "jar");
        Path java = Files.createDirectories(scratch.resolve("jdk/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(scratch.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
        links = Files.createDirectories(scratch.resolve("links"));
        Files.createSymbolicLink(links.resolve("lk"), home.resolve("rseqlab"));
        Files.createSymbolicLink(links.resolve("lk2"), Path.of("lk"));
        Files.createSymbolicLink(Files.createDirectories(links.resolve("below")).resolve("lk3"), Path.of("../lk2"));
    }

    private void assertFindsItsJar(Path where, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(List.of("view", "two words"));
        ProcessBuilder builder = new ProcessBuilder(words).directory(where.toFile());
        builder.environment().put("JAVA_HOME", scratch.resolve("jdk").toString());
        builder.environment().put("PATH", links + ":" + System.getenv("PATH"));
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("-jar\n" + home.resolve("target/launcher/rseqlab.jar") + "\nview\ntwo words\n");
    }

    private String run() throws Exception {
        return run("");
    }

    private String run(String options) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("./rseqlab", "view").directory(home.toFile());
        builder.environment().put("JAVA_HOME", scratch.resolve("jdk").toString());
        builder.environment().put("RSEQLAB_JAVA_OPTS", options);
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    /** The first command has Java write the classes down, and it as well as the next uses them. */
    @Test
    void classesAreWrittenDownOnce() throws Exception {
        Files.writeString(scratch.resolve("jdk/bin/java"), """
                #!/bin/sh
                for word; do
                    case $word in -XX:ArchiveClassesAtExit=*)
                        echo classes >"${word#*=}"
                        echo once >>"$0.written" ;;
                    esac
                done
                printf '%s\\n' "$@"
                """);
        Path classes = home.resolve("target/launcher/classes-17.0.1.jsa");
        for (int time = 0; time < 2; time++) {
            assertThat(run())
                    .contains("-XX:SharedArchiveFile=" + classes + "\n-jar\n")
                    .doesNotContain("Rehearsal");
            assertThat(Files.readAllLines(scratch.resolve("jdk/bin/java.written")))
                    .hasSize(1);
        }
        Files.writeString(home.resolve("reports/target/rseqlab.jar"), "another jar");
        Files.delete(home.resolve("target/launcher/rseqlab.jar"));
        assertThat(run()).contains("-XX:SharedArchiveFile=" + classes);
        assertThat(Files.readAllLines(scratch.resolve("jdk/bin/java.written"))).hasSize(2);
    }

    /** A Java that writes none is not asked again. */
    @Test
    void runsWithoutClasses() throws Exception {
        assertThat(run()).doesNotContain("-XX:SharedArchiveFile");
        assertThat(home.resolve("target/launcher/classes-17.0.1.jsa")).isEmptyFile();
        assertThat(run()).doesNotContain("-XX:SharedArchiveFile");
    }

    /** Where the kernel has no large pages to give, the JVM would warn before every answer. */
    @Test
    void asksForLargePagesOnlyWhereThereAreAny() throws Exception {
        Path pages = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        boolean some = Files.isReadable(pages) && !Files.readString(pages).contains("[never]");
        assertThat(run().contains("-XX:+UseTransparentHugePages\n")).isEqualTo(some);
    }

    /** What the user says of the heap comes last, so that it counts. */
    @Test
    void theUsersOptionsCountMore() throws Exception {
        assertThat(run("-XX:GCTimeRatio=99 -XX:-UseTransparentHugePages"))
                .containsSubsequence("-XX:GCTimeRatio=19\n", "-XX:GCTimeRatio=99\n", "-jar\n")
                .contains("-XX:-UseTransparentHugePages\n");
    }

    @Test
    void asItself() throws Exception {
        assertFindsItsJar(home, "./rseqlab");
        assertFindsItsJar(home, "sh", "rseqlab");
        assertFindsItsJar(scratch, home.resolve("rseqlab").toString());
    }

    @Test
    void throughSymbolicLinks() throws Exception {
        assertFindsItsJar(links, "./lk");
        assertFindsItsJar(links, "./lk2");
        assertFindsItsJar(links, "below/lk3");
    }

    @Test
    void throughSymbolicLinksNamedToAShell() throws Exception {
        assertFindsItsJar(links, "sh", "lk");
        assertFindsItsJar(links, "sh", "lk2");
        assertFindsItsJar(links.resolve("below"), "sh", "lk3");
        assertFindsItsJar(home, "sh", links.resolve("lk2").toString());
    }

    @Test
    void throughThePath() throws Exception {
        assertFindsItsJar(home, "sh", "-c", "exec lk2 \"$@\"", "sh");
    }
}
