package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A verb that is interrupted leaves nothing that looks like a result and is none, and says what is there. */
class InterruptedVerbsTest {
    private static final int TERMINATED = 143;
    private static final int LINES = 4_000_000;

    @TempDir
    Path folder;

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void anImportOfMallocCallsLeavesNoFile() throws Exception {
        Path results = Files.createDirectory(folder.resolve("results"));
        Path text = folder.resolve("text");
        try (BufferedWriter writer = Files.newBufferedWriter(text)) {
            for (int i = 0; i < LINES; i++) {
                writer.write("7: malloc 0x" + (16 + i) + "0 8\n");
            }
        }
        Child.Ending ending;
        Path out = results.resolve("a.malloc");
        try (Child child =
                Child.start(folder, "exec \"$@\"", "import", "malloc", text.toString(), "--out", out.toString())) {
            child.await(results.resolve(".a.malloc.unfinished"));
            child.signal("TERM");
            ending = child.end();
        }
        assertThat(ending.err()).isEqualTo("rseqlab: interrupted: nothing was imported" + System.lineSeparator());
        assertThat(ending.out()).isEmpty();
        assertThat(ending.code()).isEqualTo(TERMINATED);
        assertThat(names(results)).isEmpty();
    }

    @Test
    void advicePilotsLeaveNothing() throws Exception {
        Path out = folder.resolve("above").resolve("advice");
        String line = "advise --threads 4 --burst 2000 --pause-us 200000 --jobs 1 --out " + out;
        Child.Ending ending;
        try (Child child = Child.start(folder, "exec \"$@\"", line.split(" "))) {
            child.await(out.resolve("pilot-0"));
            child.signal("INT");
            ending = child.end();
        }
        assertThat(ending.err())
                .startsWith("rseqlab: interrupted: the pilot runs were not done")
                .contains("ask again");
        assertThat(ending.out()).isEmpty();
        assertThat(ending.code()).isEqualTo(130);
        assertThat(folder.resolve("above")).doesNotExist();
    }

    @Test
    void adviceSaysThatItCannotGoOn() throws Exception {
        Path out = folder.resolve("advice");
        String line = "advise --threads 4 --jobs 1 --host-seconds 1000 --out " + out;
        Child.Ending ending;
        try (Child child = Child.start(folder, "exec \"$@\"", line.split(" "))) {
            child.await(out.resolve("runs").resolve(".open"));
            child.signal("INT");
            ending = child.end();
        }
        assertThat(ending.err()).contains(" runs of advise are complete; there is no answer", "ask again");
        assertThat(ending.code()).isEqualTo(130);
    }

    @Test
    void aDemoClosesItsTracesAndMakesNoPage() throws Exception {
        Path out = folder.resolve("demo");
        Child.Ending ending;
        try (Child child = Child.start(folder, "exec \"$@\"", "demo", "--jobs", "1", "--out", out.toString())) {
            child.await(out.resolve("traces"));
            child.signal("TERM");
            ending = child.end();
        }
        assertThat(ending.code()).isEqualTo(TERMINATED);
        assertThat(ending.err()).contains("rseqlab: interrupted: ", " runs are complete, and there is no page");
        assertThat(names(out)).containsExactly("traces");
        try (Stream<Path> files = Files.walk(out)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }
}
