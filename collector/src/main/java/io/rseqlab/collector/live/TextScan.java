package io.rseqlab.collector.live;

import io.rseqlab.trace.TraceException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The first reading of a text: what must be known before the first event can be written. */
final class TextScan {
    private static final int SHOWN = 60;

    private final Path file;
    private final TextForm form;
    private final Set<Integer> aborted = new TreeSet<>();
    private final Set<Integer> updated = new TreeSet<>();
    private final Map<Integer, String> comms = new HashMap<>();
    private final Map<Integer, Integer> leftCpu = new HashMap<>();
    private final Map<Integer, Boolean> cameBackSame = new HashMap<>();
    private TextForm foreign;
    private String firstLine;
    private long events;
    private long otherLines;
    private long lost;
    private long firstNanos = Long.MAX_VALUE;
    private long lastNanos = Long.MIN_VALUE;
    private int cpus = 1;
    private boolean updatesAlways;

    private TextScan(Path file, TextForm form) {
        this.file = file;
        this.form = form;
    }

    /**
     * Scans a file.
     *
     * @throws TraceException if it holds no event in the form
     */
    static TextScan of(Path file, TextForm form) {
        TextScan scan = new TextScan(file, form);
        forEachLine(file, scan::take);
        if (scan.events == 0 || scan.foreign != null) {
            throw scan.notInForm();
        }
        return scan;
    }

    /** Hands over each line; broken characters are replaced, since commands may hold any byte. */
    static void forEachLine(Path file, Consumer<String> lines) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            ByteOrderMark.skip(reader, StandardCharsets.UTF_8).lines().forEach(lines);
        } catch (NoSuchFileException e) {
            throw new TraceException("'" + file + "' cannot be read: no such file", e);
        } catch (IOException e) {
            throw new TraceException("'" + file + "' cannot be read: " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw new TraceException(
                    "'" + file + "' cannot be read: " + e.getCause().getMessage(), e);
        }
    }

    private void take(String text) {
        if (text.isBlank()) {
            return;
        }
        if (firstLine == null) {
            firstLine = text;
        }
        if (form == TextForm.TRACE_CMD && text.startsWith("# tracer:")) {
            foreign = TextForm.FTRACE;
        }
        TextLine line = form.parse(text);
        if (line != null) {
            take(line);
        } else if (TextForm.lost(text) > 0) {
            lost += TextForm.lost(text);
        } else if (!text.startsWith("#") && !text.startsWith("cpus=")) {
            otherLines++;
        }
    }

    private void take(TextLine line) {
        events++;
        firstNanos = Math.min(firstNanos, line.nanos());
        lastNanos = Math.max(lastNanos, line.nanos());
        cpus = Math.max(cpus, line.cpu() + 1);
        switch (line.event()) {
            case "rseq_ip_fixup" -> {
                aborted.add(line.pid());
                comms.put(line.pid(), line.comm());
            }
            case "rseq_update" -> {
                updated.add(line.pid());
                comms.put(line.pid(), line.comm());
                updatesAlways |= cameBackSame.getOrDefault(line.pid(), false);
            }
            case "sched_switch" -> takeSwitch(line);
            case "sched_migrate_task" -> takeMigration(TextArguments.ofMigration(line.args()));
            case "sched_wakeup", "sched_wakeup_new" -> takeWakeup(TextArguments.ofWakeup(line.args()));
            default -> {}
        }
    }

    private void takeSwitch(TextLine line) {
        TextArguments.Switch change = TextArguments.ofSwitch(line.args());
        if (change != null) {
            leftCpu.put(change.previous(), line.cpu());
            Integer left = leftCpu.get(change.next());
            cameBackSame.put(change.next(), left != null && left == line.cpu());
        }
    }

    /** A CPU on which nothing was recorded may still be where a thread comes from or goes to. */
    private void takeMigration(TextArguments.Migration migration) {
        if (migration != null) {
            cpus = Math.max(cpus, Math.max(migration.from(), migration.to()) + 1);
        }
    }

    private void takeWakeup(TextArguments.Wakeup wakeup) {
        if (wakeup != null) {
            cpus = Math.max(cpus, wakeup.targetCpu() + 1);
        }
    }

    private TraceException notInForm() {
        if (firstLine == null) {
            return new TraceException("'" + file + "' is empty: no " + form.id() + " text");
        }
        String shown = firstLine.replaceAll("\\p{Cntrl}|\uFFFD", "?");
        shown = shown.length() > SHOWN ? shown.substring(0, SHOWN) + "…" : shown;
        return new TraceException("'" + file + "' is no " + form.id() + " text: line 1 is '" + shown
                + "', expected lines like '" + form.example() + "'" + hint());
    }

    private String hint() {
        if (firstLine.startsWith("PERFILE2")) {
            return "; this is binary perf.data: run 'perf script' on it and import that";
        }
        if (firstLine.contains("\bDtracing")) {
            return "; this is a binary trace.dat: run 'trace-cmd report' on it and import that";
        }
        TextForm[] found = {foreign};
        if (foreign == null) {
            forEachLine(file, text -> found[0] = found[0] != null ? found[0] : TextForm.guess(text));
        }
        return found[0] == null || found[0] == form ? "" : "; it looks like " + found[0].id() + ": import it as that";
    }

    /** Threads that use sections: those aborted, or, without any abort, those registered. */
    Set<Integer> threadsUnderTest() {
        return aborted.isEmpty() ? updated : aborted;
    }

    String comm(int pid) {
        return comms.getOrDefault(pid, "");
    }

    long firstNanos() {
        return firstNanos;
    }

    long durationNanos() {
        return lastNanos - firstNanos + 1;
    }

    int cpus() {
        return cpus;
    }

    long events() {
        return events;
    }

    long otherLines() {
        return otherLines;
    }

    long lost() {
        return lost;
    }

    /**
     * True where the kernel updates the rseq area after every switch, even on the same CPU (up to 6.18, and the legacy
     * mode after it): then an update tells that a thread has reached user mode.
     */
    boolean updatesAlways() {
        return updatesAlways;
    }
}
