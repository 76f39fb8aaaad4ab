package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be written is reported in a line with the reason, and leaves nothing half-written. */
class UnwritableOutputTest {
    private static final String SAMPLE =
            Path.of("..", "sample-traces", "simulated-churn").toString();
    private static final String PLAIN = "\"$@\"";
    private static final String FULL = "exec \"$@\" > /dev/full";
    /** Files of at most 16 blocks, of 512 or 1024 bytes: writing on fails as on a full disk. */
    private static final String SMALL_FILES = "ulimit -f 16; exec \"$@\"";

    private static final String RUN = "collect --strategy rseq-freelist --workload churn --cpus 2 --ops all"
            + " --warmup 50us --duration 200us --out ";

    @TempDir
    Path folder;

    private Child.Ending run(String shell, String line) throws Exception {
        try (Child child = Child.start(folder, shell, line.split(" "))) {
            return child.end();
        }
    }

    private Set<String> left() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return new TreeSet<>(files.map(file -> folder.relativize(file).toString())
                    .filter(name -> !name.isEmpty() && !name.startsWith("child"))
                    .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"list strategies", "--help", "analyze SAMPLE --format json", "export csv SAMPLE"})
    void aFullStandardOutputIsToldAndNoSuccess(String line) throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        Child.Ending ending = run(FULL, line.replace("SAMPLE", SAMPLE));
        assertThat(ending.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(ending.err().lines().filter(each -> each.startsWith("rseqlab: ")))
                .containsExactly("rseqlab: cannot write standard output: No space left on device");
    }

    @ParameterizedTest
    @ValueSource(strings = {"analyze SAMPLE --out /dev/full", "export csv SAMPLE --out /dev/full"})
    void aDeviceIsWrittenToAndNotReplaced(String line) throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        Child.Ending ending = run(PLAIN, line.replace("SAMPLE", SAMPLE));
        assertThat(ending.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(ending.err()).contains("rseqlab: cannot write '/dev/full': No space left on device");
        assertThat(Files.isRegularFile(Path.of("/dev/full"))).isFalse();
    }

    @Test
    void aLinkKeepsPointingAtItsFileWhichKeepsItsPermissions() throws Exception {
        Path file = Files.createFile(
                folder.resolve("file"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        assertThat(run(PLAIN, "analyze " + SAMPLE + " --out " + link).code()).isZero();
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(file).content().contains("throughput_ops_per_s");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aResultDoesNotGoIntoATrace() throws Exception {
        Path run =
                Files.createFile(Files.createDirectory(folder.resolve("trace")).resolve("run.json"));
        Child.Ending ending = run(PLAIN, "analyze " + SAMPLE + " --out " + run);
        assertThat(ending.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(ending.err()).contains("among the parts of a trace");
        assertThat(run).isEmptyFile();
    }

    @Test
    void aReaderThatHasSeenEnoughIsNoFailure() throws Exception {
        Child.Ending ending = run(
                "{ \"$@\"; echo \"code $?\" >&2; } | head -n 1", "view " + SAMPLE + " --window --limit 0 --format csv");
        assertThat(ending.err()).isEqualTo("code 0\n");
        assertThat(ending.out()).startsWith("cycle,").hasLineCount(1);
    }

    /** With the native library unpacked beforehand, for that is a large file too. */
    private Child.Ending runWithSmallFiles(String line, String shell) throws Exception {
        Path library = folder.resolve("child-library");
        Path jar = Path.of(Class.forName("com.github.luben.zstd.Zstd")
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        String name = "linux/" + System.getProperty("os.arch") + "/libzstd.*";
        try (JarFile zstd = new JarFile(jar.toFile())) {
            JarEntry entry = zstd.stream()
                    .filter(each -> each.getName().matches(name))
                    .findFirst()
                    .orElseThrow();
            Files.copy(zstd.getInputStream(entry), library);
        }
        String withLibrary = "java=$1; shift; set -- \"$java\" -DZstdNativePath=" + library + " \"$@\"; ";
        return run(withLibrary + shell, line);
    }

    @Test
    void aTraceThatDoesNotFitKeepsItsWholePartsAndNoOther() throws Exception {
        Path trace = folder.resolve("trace");
        Child.Ending ending = runWithSmallFiles(RUN + trace, SMALL_FILES);
        assertThat(ending.code()).as(ending.err()).isEqualTo(ExitCodes.USAGE);
        assertThat(ending.err())
                .isEqualTo("rseqlab: cannot write ops to '" + trace
                        + "': File too large; what was written before stays," + " as partial\n");
        assertThat(left()).containsExactly("trace", "trace/events-00000.parquet", "trace/run.json");
    }

    @Test
    void aTraceOfWhichNothingFitsLeavesNothing() throws Exception {
        Path trace = folder.resolve("new/trace");
        Child.Ending ending = runWithSmallFiles(RUN + trace, "ulimit -f 1; exec \"$@\"");
        assertThat(ending.code()).as(ending.err()).isEqualTo(ExitCodes.USAGE);
        assertThat(ending.err())
                .isEqualTo("rseqlab: cannot write '" + trace.resolve("run.json") + "': File too large\n");
        assertThat(left()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"analyze SAMPLE --format json", "export csv SAMPLE"})
    void aResultThatDoesNotFitLeavesNothing(String line) throws Exception {
        Path place = folder.resolve("result");
        Child.Ending ending = runWithSmallFiles(line.replace("SAMPLE", SAMPLE) + " --out " + place, SMALL_FILES);
        assertThat(ending.code()).as(ending.err()).isEqualTo(ExitCodes.USAGE);
        assertThat(ending.err()).isEqualTo("rseqlab: cannot write '" + place + "': File too large\n");
        assertThat(left()).isEmpty();
    }

    @Test
    void withoutRoomForTheNativeLibraryTheWayOutIsNamed() throws Exception {
        for (String line : new String[] {RUN + folder.resolve("new"), "analyze " + SAMPLE}) {
            Child.Ending ending = run(SMALL_FILES, line);
            assertThat(ending.code()).isEqualTo(ExitCodes.INVALID_INPUT);
            assertThat(ending.err())
                    .startsWith("rseqlab: cannot load the zstd library")
                    .contains("File too large", "-Djava.io.tmpdir=FOLDER")
                    .hasLineCount(1);
            assertThat(left()).isEmpty();
        }
    }

    @Test
    void aPageThatCannotBeWrittenLeavesTheFolderAsItWas() throws IOException {
        Path page = folder.resolve("page");
        Files.createDirectories(page.resolve("index.html/in the way"));
        Set<String> before = left();
        assertThatThrownBy(() -> OutFolder.page(page, ReportModel.of("title")))
                .isInstanceOf(OutputException.class)
                .hasMessageStartingWith("cannot write '" + page + "': ");
        assertThat(left()).isEqualTo(before);
    }
}
