package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tries the rules of restartable sequences on the kernel of this machine, in a small program written in C. */
public final class ConformanceDriver {
    private static final List<String> SOURCES = List.of(
            "conformance.c",
            "probes.h",
            "registration.h",
            "fields.h",
            "aborts.h",
            "descriptors.h",
            "family.h",
            "slice.h");
    private static final Duration MOST = Duration.ofSeconds(300);
    private static final int NO_RSEQ = 3;
    private static final String NOT_SHOWN = "-";

    private final Path program;

    /**
     * What the kernel did about a rule.
     *
     * @param outcome what was seen, null if the rule cannot be shown here
     * @param note how it was come by, or why it cannot be shown; may be empty
     */
    public record Answer(String outcome, String note) {}

    private ConformanceDriver(Path program) {
        this.program = program;
    }

    /**
     * The program, compiled if need be.
     *
     * @param environment the process's environment variables: CC, RSEQLAB_CACHE, XDG_CACHE_HOME, HOME
     * @throws NativeException if this machine cannot compile or run it
     * @throws io.rseqlab.trace.OutputException if the cache folder cannot be written to
     */
    public static ConformanceDriver open(Map<String, String> environment) {
        NativeDriver.requirePlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
        return new ConformanceDriver(new NativeBuild(environment, SOURCES).program());
    }

    /**
     * Tries all rules it knows; answers what was seen, by the rules' names.
     *
     * @param areaBytes bytes of the areas that programs register, where a rule is not about them
     * @throws NativeException if it cannot, with the reason
     */
    public Map<String, Answer> run(int areaBytes) {
        try {
            ChildProcess.Ending ending =
                    ChildProcess.run(List.of(program.toString(), "--area-bytes", String.valueOf(areaBytes)), MOST);
            String reason = ending.err().strip().replaceFirst("^conformance: ", "");
            if (ending.timedOut()) {
                throw new NativeException("the conformance probes did not end within " + MOST.toSeconds() + " s");
            }
            if (ending.code() == NO_RSEQ) {
                throw new NativeException(reason);
            }
            if (ending.code() != 0) {
                throw new NativeException("the conformance probes failed (" + ending.code() + "): " + reason);
            }
            return parse(ending.out());
        } catch (IOException e) {
            throw new NativeException(
                    "the conformance probes cannot be started (" + e.getMessage()
                            + "): where their folder forbids programs, name another one in RSEQLAB_CACHE",
                    e);
        }
    }

    /** Reads lines of three fields between tabs: rule, outcome or -, note. */
    static Map<String, Answer> parse(String lines) {
        Map<String, Answer> answers = new LinkedHashMap<>();
        for (String line : lines.lines().toList()) {
            String[] fields = line.split("\t", -1);
            if (fields.length != 3) {
                throw new NativeException("the conformance probes' answer cannot be read: " + line);
            }
            answers.put(fields[0], new Answer(fields[1].equals(NOT_SHOWN) ? null : fields[1], fields[2]));
        }
        return answers;
    }
}
