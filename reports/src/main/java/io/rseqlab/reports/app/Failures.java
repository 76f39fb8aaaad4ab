package io.rseqlab.reports.app;

import io.rseqlab.collector.live.NativeException;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.sweep.ExperimentException;
import io.rseqlab.collector.sweep.UnreadableExperimentException;
import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The one place that turns a failure into words and an exit code. Whoever can be told what to do gets one line and the
 * way out; only a failure nobody foresaw, which is ours, comes with a stack trace.
 */
final class Failures {

    private Failures() {}

    /** The command line was not understood. */
    static int reportUsage(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(prefixed(failure.getMessage()));
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCodes.USAGE;
    }

    /** A verb failed. Each family of failures is one line here. */
    static int report(Throwable failure, PrintWriter err, List<String> args) {
        if (failure instanceof ParameterException usage) {
            return reportUsage(usage, args.toArray(String[]::new));
        }
        boolean damaged = failure instanceof UnreadableExperimentException;
        if (failure instanceof UsageException
                || failure instanceof OutputException
                || failure instanceof ExperimentException && !damaged) {
            err.println(prefixed(failure.getMessage()));
            return ExitCodes.USAGE;
        }
        if (failure instanceof TraceException || failure instanceof NativeException || damaged) {
            err.println(prefixed(failure.getMessage()));
            return ExitCodes.INVALID_INPUT;
        }
        if (failure instanceof UncheckedIOException unchecked) {
            return report(unchecked.getCause(), err, args);
        }
        if (failure instanceof IOException unreadable) {
            err.println(prefixed(sentence(unreadable)));
            return ExitCodes.INVALID_INPUT;
        }
        if (isOutOfMemory(failure)) {
            err.println(prefixed(outOfMemory()));
            return ExitCodes.INVALID_INPUT;
        }
        err.println(prefixed("this is our bug, not your mistake. Please report it with all that follows."));
        err.println("  version  " + Version.current());
        err.println("  command  rseqlab " + String.join(" ", args));
        err.println("  java     " + Runtime.version());
        failure.printStackTrace(err);
        return ExitCodes.BUG;
    }

    /** Libraries wrap whatever happens to them. */
    private static boolean isOutOfMemory(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest instanceof OutOfMemoryError;
    }

    private static String outOfMemory() {
        long mebibytes = Runtime.getRuntime().maxMemory() >> 20;
        return "out of memory: the JVM may take " + mebibytes + " MiB. Give it more, as in RSEQLAB_JAVA_OPTS=-Xmx8g"
                + " rseqlab …, or ask for less: fewer threads or runs at a time,"
                + " less simulated time, fewer rows of operations";
    }

    /** The messages of java.nio hold nothing but the path. */
    private static String sentence(IOException failure) {
        String message = failure.getMessage();
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder: " + message;
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied: " + message;
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "exists already: " + message;
        }
        if (failure instanceof NotDirectoryException) {
            return "not a folder: " + message;
        }
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static String prefixed(String message) {
        return "rseqlab: " + message;
    }
}
