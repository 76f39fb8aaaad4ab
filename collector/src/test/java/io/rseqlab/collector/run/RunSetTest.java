package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One run of several fails: what is complete stays and is said, of the others nothing does. */
class RunSetTest {
    private static final double SHORT = 5e-6;
    private static final double LONG = 10;

    @TempDir
    private Path scratch;

    private final StringWriter err = new StringWriter();

    @Test
    void completeRunsStayAndAreSaid() throws IOException {
        Path out = scratch.resolve("out");
        List<RunSpec> specs = List.of(spec(1, SHORT), spec(2, SHORT), spec(3, SHORT));
        RunSet set = new RunSet(out, 1, new StopFlag(), new PrintWriter(err));
        occupy(out.resolve(RunSet.place(specs.get(1))));
        assertThatThrownBy(() -> set.run(specs)).isInstanceOf(OutputException.class);
        assertThat(out.resolve(RunSet.place(specs.get(0)))).isDirectoryContaining("glob:**run.json");
        assertThat(out.resolve(RunSet.place(specs.get(2)))).doesNotExist();
        assertThat(err).hasToString("collect: 1 run is complete and stays in '" + out + "'" + System.lineSeparator());
    }

    @Test
    void nothingStaysOfRunsThatAreCutShort() throws IOException {
        Path out = scratch.resolve("out");
        List<RunSpec> specs = List.of(spec(1, LONG), spec(2, SHORT));
        RunSet set = new RunSet(out, 2, new StopFlag(), new PrintWriter(err));
        Path occupied = out.resolve(RunSet.place(specs.get(1)));
        occupy(occupied);
        assertThatThrownBy(() -> set.run(specs)).isInstanceOf(OutputException.class);
        assertThat(out.resolve(RunSet.place(specs.get(0)))).doesNotExist();
        assertThat(err.toString()).isEmpty();
    }

    /**
     * Of two runs of a strategy that fail, the first leaves their common folder to the second, which did not make it.
     */
    @Test
    void noEmptyFolderStays() throws IOException {
        Path out = scratch.resolve("a/b");
        RunSet set = new RunSet(out, 1, new StopFlag(), new PrintWriter(err));
        Files.createDirectories(out.resolve("hoard/seed-1"));
        assertThatThrownBy(() -> set.run(Arrays.asList(null, null))).isInstanceOf(NullPointerException.class);
        assertThat(scratch).isEmptyDirectory();
    }

    private static void occupy(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.createFile(folder.resolve("something"));
    }

    private static RunSpec spec(long seed, double window) {
        return RunSpecs.resolve(
                RunRequest.of("rseq-freelist", "churn")
                        .cpus(1)
                        .threads(2)
                        .warmup(SHORT)
                        .window(window),
                seed);
    }
}
