package io.rseqlab.collector.live;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compiles native programs at first use and keeps them in a cache folder, by the digest of sources, compiler and
 * options. The finished program is put in place by a rename, so that several processes may do this at once.
 */
final class NativeBuild {
    private static final List<String> DRIVER = List.of(
            "driver.c",
            "machine.h",
            "strategies.h",
            "costs.h",
            "landing.h",
            "lines.h",
            "interrupts.h",
            "host.h",
            "fights.h",
            "window.h");
    /** Functions begin at fetch boundaries, or what else the driver has in it moves loops by a tenth of their speed. */
    private static final List<String> OPTIONS = List.of("-O2", "-pthread", "-falign-functions=64");

    private static final Duration MOST = Duration.ofSeconds(120);
    private static final int MESSAGE_LINES = 12;

    private final Map<String, String> environment;
    private final List<String> compiler;

    private final List<String> sources;
    private final List<String> options;

    /** The driver of the strategies and workloads. */
    NativeBuild(Map<String, String> environment) {
        this(environment, DRIVER);
    }

    /** A program of its own: the first source is compiled, the others are there to be included. */
    NativeBuild(Map<String, String> environment, List<String> sources) {
        this(environment, sources, OPTIONS);
    }

    /** The same with options of its own for the compiler. */
    NativeBuild(Map<String, String> environment, List<String> sources, List<String> options) {
        this.environment = environment;
        this.sources = sources;
        this.options = options;
        String cc = environment.getOrDefault("CC", "").strip();
        compiler = List.of((cc.isEmpty() ? "cc" : cc).split("\\s+"));
    }

    /** The driver's program file, compiled if it is not there yet. */
    Path program() {
        Path cache = cacheFolder();
        Path program = cache.resolve(digest()).resolve(programName());
        if (!Files.isExecutable(program)) {
            build(cache, program);
        }
        return program;
    }

    private String programName() {
        return sources.get(0).replaceFirst("\\.c$", "");
    }

    /** {@code RSEQLAB_CACHE}, else {@code rseqlab} below {@code XDG_CACHE_HOME} or {@code ~/.cache}. */
    private Path cacheFolder() {
        String own = environment.getOrDefault("RSEQLAB_CACHE", "");
        String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path base;
        if (!own.isEmpty()) {
            base = Path.of(own);
        } else if (shared.startsWith("/")) {
            base = Path.of(shared);
        } else {
            base = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".cache");
        }
        return base.resolve("rseqlab").resolve("native").toAbsolutePath();
    }

    private String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String source : sources) {
                digest.update(source(source));
            }
            String how = String.join(" ", compiler) + " " + String.join(" ", options) + "\n" + compilerVersion();
            digest.update(how.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String compilerVersion() {
        return compile(List.of("--version")).out();
    }

    private void build(Path cache, Path program) {
        try {
            Files.createDirectories(program.getParent());
            Path folder = Files.createTempDirectory(cache, ".build-");
            try {
                for (String source : sources) {
                    Files.write(folder.resolve(source), source(source));
                }
                compileIn(folder);
                Files.move(folder.resolve(programName()), program, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                remove(folder);
            }
        } catch (IOException e) {
            throw new OutputException(
                    "cannot write what was compiled of " + sources.get(0) + " to '" + program + "' (" + e.getMessage()
                            + "): name another folder in RSEQLAB_CACHE",
                    e);
        }
    }

    private void compileIn(Path folder) {
        List<String> arguments = new ArrayList<>(options);
        arguments.addAll(List.of(
                "-o",
                folder.resolve(programName()).toString(),
                folder.resolve(sources.get(0)).toString()));
        ChildProcess.Ending ending = compile(arguments);
        if (ending.timedOut()) {
            throw new NativeException("the C compiler " + name() + " took longer than " + MOST.toSeconds() + " s");
        }
        if (ending.code() != 0 || !Files.isRegularFile(folder.resolve(programName()))) {
            String said = ending.err().isBlank() ? ending.out() : ending.err();
            throw new NativeException(
                    "the C compiler " + name() + " could not compile " + sources.get(0) + " (exit code "
                            + ending.code() + "); CC names another one. It says:"
                            + said.replace(folder + "/", "")
                                    .lines()
                                    .limit(MESSAGE_LINES)
                                    .map(line -> System.lineSeparator() + "  " + line)
                                    .reduce("", String::concat));
        }
    }

    private ChildProcess.Ending compile(List<String> arguments) {
        List<String> command = new ArrayList<>(compiler);
        command.addAll(arguments);
        try {
            return ChildProcess.run(command, MOST);
        } catch (IOException e) {
            throw new NativeException(
                    sources.get(0) + " needs a C compiler, and " + name()
                            + " cannot be started: install gcc or clang, or name one in CC",
                    e);
        }
    }

    private String name() {
        return "'" + String.join(" ", compiler) + "'";
    }

    private static byte[] source(String name) {
        try (InputStream in = NativeBuild.class.getResourceAsStream("native/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }
}
