package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sizes come from the kernel's files; a machine that does not say has no caches that are known. */
class HostCacheTest {
    @TempDir
    Path root;

    private void index(int number, String level, String type, String size, String ways, String cpus)
            throws IOException {
        Path folder = Files.createDirectories(
                root.resolve("sys/devices/system/cpu/cpu0/cache").resolve("index" + number));
        Files.writeString(folder.resolve("level"), level + "\n");
        Files.writeString(folder.resolve("type"), type + "\n");
        Files.writeString(folder.resolve("size"), size + "\n");
        Files.writeString(folder.resolve("ways_of_associativity"), ways + "\n");
        Files.writeString(folder.resolve("shared_cpu_list"), cpus + "\n");
    }

    @Test
    void cachesThatHoldDataAreReadWithTheirSizes() throws IOException {
        index(0, "1", "Data", "48K", "12", "0");
        index(1, "1", "Instruction", "32K", "8", "0");
        index(2, "2", "Unified", "1024K", "16", "0,4");
        index(3, "3", "Unified", "32M", "16", "0-7");
        assertThat(HostCache.read(root))
                .containsExactlyInAnyOrder(
                        new HostCache(1, 48 << 10, 12, 1),
                        new HostCache(2, 1 << 20, 16, 2),
                        new HostCache(3, 32 << 20, 16, 8));
    }

    @Test
    void aKernelThatDoesNotSayHasNone() throws IOException {
        assertThat(HostCache.read(root)).isEmpty();
        index(0, "1", "Data", "", "", "0");
        assertThat(HostCache.read(root)).isEmpty();
    }
}
