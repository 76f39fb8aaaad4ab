package io.rseqlab.reports.app;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Makes a few small traces and a page of them. A JVM that is told to writes down the classes that took
 * ({@code -XX:ArchiveClassesAtExit}), and the launcher has later ones take them from there, ready parsed and checked.
 */
final class Rehearsal {
    private Rehearsal() {}

    /** @param args a folder that does not exist */
    public static void main(String[] args) {
        System.exit(in(Path.of(args[0])));
    }

    /** The exit code of what failed, {@link ExitCodes#DONE} if nothing did. */
    static int in(Path folder) {
        String traces = folder.resolve("traces").toString();
        int code = run(
                "collect",
                "--strategy=rseq-freelist",
                "--strategy=message-passing",
                "--workload=churn:handoff=0.5",
                "--cpus=2",
                "--threads=4",
                "--warmup=20us",
                "--duration=20us",
                "--seeds=1..6",
                "--out=" + traces);
        return code == ExitCodes.DONE ? run("report", traces, "--out=" + folder.resolve("page")) : code;
    }

    private static int run(String... words) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        return Main.run(nowhere, nowhere, words);
    }
}
