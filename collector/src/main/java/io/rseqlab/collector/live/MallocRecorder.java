package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Runs a command whose malloc calls are recorded by a library put before the C library's, compiled at first use. */
public final class MallocRecorder {
    private static final List<String> SOURCES = List.of("malloc_shim.c");
    /** What is exported is said in the source. The compiler must not take our own calloc for a loop over malloc. */
    private static final List<String> OPTIONS =
            List.of("-O2", "-std=gnu11", "-shared", "-fPIC", "-fno-builtin", "-fvisibility=hidden", "-pthread");

    private static final String PRELOAD = "LD_PRELOAD";
    private static final String FOLDER = "RSEQLAB_MALLOC_OUT";

    private final Path library;
    private final Map<String, String> environment;

    private MallocRecorder(Path library, Map<String, String> environment) {
        this.library = library;
        this.environment = environment;
    }

    /**
     * The recorder, its library compiled if need be.
     *
     * @param environment the process's environment variables, as {@link NativeDriver#open} reads them
     * @throws NativeException if this is no Linux, or there is no C compiler
     */
    public static MallocRecorder open(Map<String, String> environment) {
        String system = System.getProperty("os.name");
        if (!"Linux".equals(system)) {
            throw new NativeException("malloc calls are recorded on Linux only, this is " + system);
        }
        return new MallocRecorder(new NativeBuild(environment, SOURCES, OPTIONS).program(), environment);
    }

    /** Removes what recorders left that were killed, and says which folders those were. */
    public static List<Path> removeLeftovers() {
        return RawFolder.removeLeftovers(RawFolder.place());
    }

    /**
     * Runs a command to its end, or until told to end it, with this process's standard streams.
     *
     * @return what was recorded; closing it removes the files
     * @throws NativeException if nothing was recorded
     */
    public MallocRecording record(List<String> command, BooleanSupplier stop) {
        RawFolder raw = RawFolder.make(RawFolder.place());
        Path folder = raw.path();
        try {
            Map<String, String> more = new HashMap<>();
            String others = environment.getOrDefault(PRELOAD, "");
            more.put(PRELOAD, others.isEmpty() ? library.toString() : library + ":" + others);
            more.put(FOLDER, folder.toString());
            long begin = System.nanoTime();
            int code = Recorder.run(command, more, stop);
            double seconds = (System.nanoTime() - begin) * 1e-9;
            List<MallocImage> images = images(folder);
            List<MallocImage> calling =
                    images.stream().filter(image -> image.calls() > 0).toList();
            if (calling.isEmpty()) {
                throw new NativeException("no call was recorded: '" + command.get(0) + "' ended with exit code " + code
                        + whyNone(command.get(0), !images.isEmpty()));
            }
            return new MallocRecording(raw, calling, code, seconds);
        } catch (IOException e) {
            raw.close();
            throw new NativeException("what was recorded cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    private String whyNone(String program, boolean loaded) throws IOException {
        if (loaded) {
            return " and loaded the recording library, but called neither malloc nor any of its kin of the C library: a"
                    + " program that brings its own allocator does not";
        }
        Path file = Programs.find(program, environment.getOrDefault("PATH", ""));
        Linkage linkage = file == null ? Linkage.NO_PROGRAM : Linkage.of(file);
        return " and has not loaded the recording library"
                + switch (linkage) {
                    case STATIC ->
                        ": it is linked statically, so that nothing can be put before its C library; link it"
                                + " dynamically";
                    case OTHER_WIDTH -> ": it is a 32-bit program, and the library has 64 bits";
                    case DYNAMIC ->
                        ", though it is linked dynamically: a program that runs as another user or with"
                                + " more rights does not, nor one for another C library";
                    case NO_PROGRAM ->
                        "; a program that is linked statically or runs as another user does not, nor one"
                                + " for another C library";
                };
    }

    private static List<MallocImage> images(Path folder) throws IOException {
        List<MallocImage> images = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                MallocImage image = MallocImage.read(file);
                if (image != null) {
                    images.add(image);
                }
            }
        }
        images.sort(Comparator.comparingLong(MallocImage::calls).reversed());
        return images;
    }
}
