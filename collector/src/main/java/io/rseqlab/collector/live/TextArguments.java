package io.rseqlab.collector.live;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The arguments of the events that a trace is made of, as the kernel prints them, as trace-cmd's plug-ins rewrite them,
 * and raw. Each answers null for text in none of these forms.
 */
final class TextArguments {
    private static final Pattern SWITCH = Pattern.compile("prev_comm=(.*) prev_pid=(\\d+) prev_prio=\\S+"
            + " prev_state=(\\S+) (?:==> )?next_comm=(.*) next_pid=(\\d+) next_prio=\\S+.*");
    private static final Pattern SWITCH_REWRITTEN =
            Pattern.compile("(.*):(\\d+) \\[-?\\d+\\] (\\S+) ==> (.*):(\\d+) \\[-?\\d+\\].*");
    private static final Pattern WAKEUP =
            Pattern.compile("comm=(.*) pid=(\\d+) prio=\\S+ (?:success=\\S+ )?target_cpu=(\\d+).*");
    private static final Pattern WAKEUP_REWRITTEN = Pattern.compile("(.*):(\\d+) \\[-?\\d+\\].* CPU:(\\d+).*");
    private static final Pattern MIGRATE =
            Pattern.compile("comm=(.*) pid=(\\d+) prio=\\S+ orig_cpu=(\\d+) dest_cpu=(\\d+).*");
    private static final Pattern FIXUP =
            Pattern.compile("regs_ip=(\\S+) start_ip=(\\S+) post_commit_offset=(\\S+) abort_ip=(\\S+).*");
    private static final Pattern SIGNAL = Pattern.compile("sig=(\\d+) .*");

    /** Bits of a raw task state that still mean runnable: the mark of a preemption in kernel mode, old and new. */
    private static final long RAW_PREEMPTED = 0x100 | 0x400 | 0x800;

    private TextArguments() {}

    /** A switch: who leaves and why, who comes. */
    record Switch(String previousComm, int previous, String state, String nextComm, int next) {
        boolean runnable() {
            if (Character.isDigit(state.charAt(0))) {
                return (Long.decode(state) & ~RAW_PREEMPTED) == 0;
            }
            return state.startsWith("R");
        }

        boolean exited() {
            return state.startsWith("X") || state.startsWith("Z");
        }
    }

    /** A thread made runnable. */
    record Wakeup(int pid, int targetCpu) {}

    /** A thread moved. */
    record Migration(int pid, int from, int to) {}

    /** A section moved to its abort handler. */
    record Fixup(long instruction, long start, long length) {
        long offset() {
            return instruction - start;
        }
    }

    static Switch ofSwitch(String args) {
        Matcher match = SWITCH.matcher(args);
        if (!match.matches()) {
            match = SWITCH_REWRITTEN.matcher(args);
        }
        if (!match.matches()) {
            return null;
        }
        return new Switch(match.group(1), number(match, 2), match.group(3), match.group(4), number(match, 5));
    }

    static Wakeup ofWakeup(String args) {
        Matcher match = WAKEUP.matcher(args);
        if (!match.matches()) {
            match = WAKEUP_REWRITTEN.matcher(args);
        }
        return match.matches() ? new Wakeup(number(match, 2), number(match, 3)) : null;
    }

    static Migration ofMigration(String args) {
        Matcher match = MIGRATE.matcher(args);
        return match.matches() ? new Migration(number(match, 2), number(match, 3), number(match, 4)) : null;
    }

    static Fixup ofFixup(String args) {
        Matcher match = FIXUP.matcher(args);
        return match.matches()
                ? new Fixup(address(match.group(1)), address(match.group(2)), address(match.group(3)))
                : null;
    }

    /** The signal's number, -1 for text in another form. */
    static int ofSignal(String args) {
        Matcher match = SIGNAL.matcher(args);
        return match.matches() ? number(match, 1) : -1;
    }

    private static int number(Matcher match, int group) {
        return Integer.parseInt(match.group(group));
    }

    private static long address(String text) {
        return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseUnsignedLong(text);
    }
}
