package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which machine this is decides with which profile it is compared; which CPUs, what they do to each other. */
class HostTest {
    @TempDir
    Path root;

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    @Test
    void hardwareThreadsOfOneCoreComeLast() throws IOException {
        String processor = "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: EPYC\n";
        write("proc/cpuinfo", processor + "cpu MHz\t\t: 2596.096\n");
        write("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-3,6\n");
        for (int cpu = 0; cpu < 4; cpu++) {
            write(
                    "sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list",
                    cpu / 2 * 2 + "-" + (cpu / 2 * 2 + 1) + "\n");
        }
        assertThat(Host.read(root))
                .isEqualTo(new Host("AuthenticAMD", 25, 17, 2596.096e6, java.util.List.of(0, 2, 6, 1, 3)));
    }

    @Test
    void aMachineThatSaysNothingIsUnknownAndHasTooFewCpus() {
        Host host = Host.read(root);
        assertThat(host.vendor()).isEmpty();
        assertThat(host.family()).isEqualTo(-1);
        assertThatThrownBy(() -> host.firstCpus(2))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("2 CPUs");
    }
}
