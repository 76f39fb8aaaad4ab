package io.rseqlab.collector.run;

import io.rseqlab.collector.live.Calibration;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The verb {@code calibrate}: makes a machine profile of this machine. */
@Command(
        name = "calibrate",
        mixinStandardHelpOptions = true,
        header = "Measure what this machine costs; write a machine profile.",
        description = {
            "",
            "A native driver, compiled with cc at first use, measures instructions, branches, locked operations,"
                    + " caches, line transfers, system calls, switches, signals and interrupts, and aborts of"
                    + " restartable sequences. What it cannot measure is taken from the shipped profile of this"
                    + " processor, or else the generic one, and marked as assumed.",
            "",
            "Needs Linux on x86-64 with restartable sequences and a C compiler; an idle machine or, as root, a quiet"
                    + " one. Takes some two minutes.",
            ""
        },
        footer = {"", "Example:", "  rseqlab calibrate --out here.toml", "  rseqlab validate --machine here.toml"})
public final class CalibrateCommand implements Callable<Integer> {
    private static final int ROUNDS = 9;
    private static final int QUICK_ROUNDS = 2;
    private static final String SUFFIX = ".toml";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the profile goes, a file that does not exist; without it the profile is printed.")
    private Path file;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What the profile is called (default: the file's name, or this-machine).")
    private String name;

    @Option(names = "--quick", description = "Two rounds of probes instead of nine: figures are less certain.")
    private boolean quick;

    @Override
    public Integer call() {
        if (file != null && Files.exists(file)) {
            throw new OutputException("'" + file + "' exists already: name another file, or remove this one first");
        }
        String title = title();
        if (file != null) {
            requireWritable();
        }
        PrintWriter err = spec.commandLine().getErr();
        int rounds = quick ? QUICK_ROUNDS : ROUNDS;
        Progress progress = new Progress("calibrate", rounds, err);
        Calibration calibration;
        try {
            calibration = Calibration.measure(System.getenv(), title, rounds, progress::step);
        } finally {
            progress.end();
        }
        if (calibration.disturbed()) {
            err.println(String.format(
                    Locale.ROOT,
                    "warning: other programs had %.0f %% of the CPUs meanwhile; measure again when the machine is idle",
                    100 * calibration.othersShare()));
        }
        PrintWriter out = spec.commandLine().getOut();
        String summary = calibration.measured() + " figures measured, " + calibration.assumed() + " assumed";
        if (file == null) {
            out.print(calibration.text());
            out.flush();
            err.println(summary + "; nothing was written: --out FILE keeps the profile");
        } else {
            write(calibration.text());
            out.println(file + "  " + summary);
            out.flush();
            err.println(Hint.next("validate", "--machine", file));
        }
        return 0;
    }

    private String title() {
        if (name == null) {
            String fileName = file == null ? "this-machine" : String.valueOf(file.getFileName());
            return fileName.endsWith(SUFFIX) ? fileName.substring(0, fileName.length() - SUFFIX.length()) : fileName;
        }
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new UsageException(
                    "--name '" + name + "': a name is made of letters, digits, dots, dashes and underscores");
        }
        return name;
    }

    /**
     * Tries the place before the machine is measured for it. Whether a folder takes a file is only known by trying: to
     * its superuser every folder looks writable.
     */
    private void requireWritable() {
        Path folder = file.toAbsolutePath().getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (folder == null || !Files.isDirectory(folder)) {
            throw new OutputException("cannot write '" + file + "': '" + folder + "' is no folder");
        }
        try {
            Files.delete(Files.createTempFile(folder, ".profile", null));
        } catch (IOException e) {
            throw OutputException.cannotWrite(file, e);
        }
    }

    /** Written beside its place and moved there at once, so that no half profile is ever read. */
    private void write(String text) {
        Path absolute = file.toAbsolutePath();
        try {
            Path folder = absolute.getParent();
            Files.createDirectories(folder);
            Path temporary = Files.createTempFile(folder, ".profile", null);
            try {
                Files.writeString(temporary, text);
                Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw OutputException.cannotWrite(file, e);
        }
    }
}
