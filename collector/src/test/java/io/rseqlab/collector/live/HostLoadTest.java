package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others took from the CPUs spoils a measurement; what the measured program itself used does not. */
class HostLoadTest {
    @TempDir
    Path proc;

    private void write(int user, int steal, int childrenUser) throws IOException {
        Files.writeString(
                proc.resolve("stat"),
                "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 " + user + " 10 20 5000 7 1 2 " + steal
                        + " 0 0\ncpu1 100 0 0 1 0 0 0 0 0 0\n" + "cpu2 " + 50 * user + " 0 0 0 0 0 0 0 0 0\nintr 5\n");
        Files.createDirectories(proc.resolve("self"));
        Files.writeString(
                proc.resolve("self").resolve("stat"),
                "77 (a (b) c) S 1 2 3 0 -1 4 5 6 7 8 11 12 " + childrenUser + " 30 20 0 9\n");
    }

    @Test
    void othersHaveWhatIsBusyAndNotOfChildren() throws IOException {
        write(100, 5, 40);
        HostLoad load = HostLoad.of(proc, List.of(0, 1));
        write(250, 25, 140);
        // 150 + 20 ticks busy, 100 of them children's: 70 of the 200 that two CPUs have in a second
        assertThat(load.othersShare(1.0)).isCloseTo(0.35, within(1e-12));
    }

    @Test
    void whatCannotBeReadIsUnknown() throws IOException {
        assertThat(HostLoad.of(proc, List.of(0)).othersShare(1.0)).isNull();
        write(1, 1, 1);
        assertThat(HostLoad.of(proc, List.of(0, 9)).othersShare(1.0)).isNull();
    }
}
