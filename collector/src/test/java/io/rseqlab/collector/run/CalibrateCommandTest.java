package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.OutputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A profile that could not be written is not measured for: one round of probes takes longer than these tests may. */
@Timeout(5)
class CalibrateCommandTest {
    @TempDir
    Path folder;

    private Throwable failure(String file) {
        AtomicReference<Throwable> seen = new AtomicReference<>();
        CommandLine command = new CommandLine(new CalibrateCommand());
        command.setExecutionExceptionHandler((failure, line, result) -> {
            seen.set(failure);
            return 2;
        });
        command.execute("--out", file);
        return seen.get();
    }

    @Test
    void anUnwritablePlaceIsToldBeforeAnythingIsMeasured() throws Exception {
        Path file = Files.writeString(folder.resolve("taken"), "");
        assertThat(failure(file.resolve("here.toml").toString()))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("is no folder");
        assertThat(failure("/proc/here.toml"))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("/proc/here.toml");
    }

    @Test
    void aFileThatExistsIsNotWrittenOver() throws Exception {
        Path file = Files.writeString(folder.resolve("here.toml"), "");
        assertThat(failure(file.toString())).isInstanceOf(OutputException.class).hasMessageContaining("exists already");
        assertThat(Files.readString(file)).isEmpty();
    }
}
