package io.rseqlab.collector.live;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What was recorded of a command. Its text is a temporary file, removed by closing.
 *
 * @param text the events in the form of {@link TextForm#FTRACE}
 * @param exitCode how the command ended; 128 and the signal if one ended it
 * @param lost events that the kernel could not keep
 * @param missing events that this kernel does not have, as {@code group:name}
 */
public record Recording(Path text, int exitCode, long lost, List<String> missing) implements AutoCloseable {
    public Recording {
        missing = List.copyOf(missing);
    }

    /** What a trace of it will lack, one sentence each. */
    public List<String> warnings() {
        return missing.stream()
                .map(event -> "this kernel has no tracepoint " + event + ": " + lacking(event))
                .toList();
    }

    private static String lacking(String event) {
        return switch (event) {
            case "rseq:rseq_ip_fixup" -> "aborts are not recorded, and 0 aborts mean nothing";
            case "rseq:rseq_update" ->
                "causes of aborts are less certain, and threads without an abort are not told"
                        + " from those without sections";
            case "syscalls:sys_enter_sched_yield" -> "switches by sched_yield count as preemptions";
            default -> "what it tells is not in the trace";
        };
    }

    static void remove(Path text) {
        try {
            Files.deleteIfExists(text);
        } catch (IOException e) {
            throw OutputException.cannotWrite(text, e);
        }
    }

    @Override
    public void close() {
        remove(text);
    }
}
