package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A cache that holds data, as Linux describes it for one CPU.
 *
 * @param level 1 to 3
 * @param bytes size
 * @param ways lines that a set holds
 * @param cpus how many CPUs share it
 */
record HostCache(int level, long bytes, int ways, int cpus) {
    /** The caches of the first CPU of the machine whose files lie below a folder; empty where it does not say. */
    static List<HostCache> read(Path root) {
        List<HostCache> caches = new ArrayList<>();
        Path folder = root.resolve("sys/devices/system/cpu/cpu0/cache");
        try (DirectoryStream<Path> indexes = Files.newDirectoryStream(folder, "index*")) {
            for (Path index : indexes) {
                if (!text(index, "type").equals("Instruction")) {
                    caches.add(new HostCache(
                            Integer.parseInt(text(index, "level")),
                            bytes(text(index, "size")),
                            Integer.parseInt(text(index, "ways_of_associativity")),
                            Host.list(text(index, "shared_cpu_list")).size()));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return List.of(); // said by the caller, who then has no sizes
        }
        return caches;
    }

    private static long bytes(String size) {
        long number = Long.parseLong(size.replaceAll("\\D", ""));
        return number << (size.endsWith("M") ? 20 : size.endsWith("K") ? 10 : 0);
    }

    private static String text(Path folder, String file) throws IOException {
        return Files.readString(folder.resolve(file)).strip();
    }
}
