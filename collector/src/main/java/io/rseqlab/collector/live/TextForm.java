package io.rseqlab.collector.live;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text forms in which Linux tools print trace events. Command names may hold spaces, slashes, colons, dashes and
 * dots, so lines are recognised by what follows the name, and threads are told apart by pid alone.
 */
public enum TextForm {
    /** The {@code trace} file of tracefs: the command and pid joined by a dash, then four or five flags. */
    FTRACE(
            "ftrace",
            "\\s*(?<comm>.+?)-(?<pid>\\d+)\\s+(?:\\([\\s\\d-]+\\)\\s+)?\\[(?<cpu>\\d+)\\]\\s+[^\\s\\d]\\S{3,4}"
                    + "\\s+(?<s>\\d+)\\.(?<f>\\d+): (?<event>\\w+): ?(?<args>.*)",
            "bash-8863 [001] d..2. 3140.183997: sched_switch: prev_comm=…"),
    /** {@code perf script}: command and pid apart, the event with its group. */
    PERF_SCRIPT(
            "perf-script",
            "\\s*(?<comm>\\S.*?)\\s+(?:\\d+/)?(?<pid>-?\\d+)\\s+\\[(?<cpu>\\d+)\\]\\s+(?<s>\\d+)\\.(?<f>\\d+):"
                    + "\\s+(?:\\d+\\s+)?\\w+:(?<event>\\w+): ?(?<args>.*)",
            "bash 8863 [001] 3140.183997: sched:sched_switch: prev_comm=…"),
    /** {@code trace-cmd report}, with or without {@code -R} and {@code -t}; flags only in newer versions. */
    TRACE_CMD(
            "trace-cmd",
            "\\s*(?<comm>.+?)-(?<pid>\\d+)\\s+\\[(?<cpu>\\d+)\\]\\s+(?:[^\\s\\d]\\S*\\s+)?(?<s>\\d+)\\.(?<f>\\d+):"
                    + " +(?<event>\\w+):(?: +(?<args>.*)|)",
            "bash-8863 [001] 3140.183997: sched_switch:         bash:8863 [120] …");

    private static final Pattern LOST =
            Pattern.compile("CPU:\\s*\\d+ \\[(?:LOST (\\d+) EVENTS|(\\d+) EVENTS DROPPED|EVENTS DROPPED)\\]"
                    + "|.*PERF_RECORD_LOST.*?(?:lost (\\d+))?");
    /**
     * The text of tracefs alone writes system calls as calls: {@code sys_NAME(ARGUMENTS)}, {@code sys_NAME -> VALUE}.
     */
    private static final Pattern CALLED = Pattern.compile("(.*\\.\\d+: )sys_(\\w+)\\((.*)\\)");

    private static final Pattern RETURNED = Pattern.compile("(.*\\.\\d+: )sys_(\\w+) -> (.*)");
    private static final int NANO_DIGITS = 9;

    private final String id;
    private final Pattern line;
    private final String example;

    TextForm(String id, String line, String example) {
        this.id = id;
        this.line = Pattern.compile(line);
        this.example = example;
    }

    /** The name on the command line. */
    public String id() {
        return id;
    }

    /** What an event line looks like. */
    String example() {
        return example;
    }

    /** Names of all forms. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(TextForm::id).toList();
    }

    /** The form of that {@link #id}, or null. */
    public static TextForm of(String id) {
        return Arrays.stream(values())
                .filter(form -> form.id.equals(id))
                .findFirst()
                .orElse(null);
    }

    /** The event on a line, or null if the line is none in this form. */
    TextLine parse(String text) {
        Matcher match = line.matcher(this == FTRACE && text.contains(": sys_") ? namedCall(text) : text);
        if (!match.matches()) {
            return null;
        }
        return new TextLine(
                match.group("comm"),
                Integer.parseInt(match.group("pid")),
                Integer.parseInt(match.group("cpu")),
                nanos(match.group("s"), match.group("f")),
                match.group("event"),
                match.group("args") == null ? "" : match.group("args"));
    }

    private static String namedCall(String text) {
        String called = CALLED.matcher(text).replaceFirst("$1sys_enter_$2: $3");
        return RETURNED.matcher(called).replaceFirst("$1sys_exit_$2: $3");
    }

    private static long nanos(String seconds, String fraction) {
        String padded = (fraction + "000000000").substring(0, NANO_DIGITS);
        return Math.addExact(Math.multiplyExact(Long.parseLong(seconds), 1_000_000_000L), Long.parseLong(padded));
    }

    /** Events that a line says were lost, -1 if it says nothing of the kind; 1 where it gives no number. */
    static long lost(String text) {
        Matcher match = LOST.matcher(text.strip());
        if (!match.matches()) {
            return -1;
        }
        for (int group = 1; group <= match.groupCount(); group++) {
            if (match.group(group) != null) {
                return Long.parseLong(match.group(group));
            }
        }
        return 1;
    }

    /** The form that a line is written in, or null. */
    static TextForm guess(String text) {
        if (text.startsWith("# tracer:")) {
            return FTRACE;
        }
        if (text.matches("cpus=\\d+")) {
            return TRACE_CMD;
        }
        return Arrays.stream(values())
                .filter(form -> form.parse(text) != null)
                .findFirst()
                .orElse(null);
    }
}
