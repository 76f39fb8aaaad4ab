package io.rseqlab.trace;

import static io.rseqlab.trace.Column.CAUSES;
import static io.rseqlab.trace.Column.CAUSE_SEQUENCE;
import static io.rseqlab.trace.Column.CPU;
import static io.rseqlab.trace.Column.DETAIL;
import static io.rseqlab.trace.Column.LATENCY_CYCLES;
import static io.rseqlab.trace.Column.NUMBER;
import static io.rseqlab.trace.Column.OFFSET;
import static io.rseqlab.trace.Column.OP;
import static io.rseqlab.trace.Column.OTHER_THREAD;
import static io.rseqlab.trace.Column.SECTION;
import static io.rseqlab.trace.Column.STATE;
import static io.rseqlab.trace.Column.TARGET_CPU;
import static io.rseqlab.trace.Column.THREAD;
import static io.rseqlab.trace.Column.TIER;
import static io.rseqlab.trace.Column.WASTED_CYCLES;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Which columns the rows of a kind have, and the documentation of the whole contract made from the one table. */
public final class TraceSchema {
    private static final Map<EventKind, List<Column>> ALWAYS = new EnumMap<>(EventKind.class);
    private static final Map<EventKind, List<Column>> WHEN_SIMULATED = new EnumMap<>(EventKind.class);
    private static final Map<EventKind, String> MEANINGS = new EnumMap<>(EventKind.class);

    static {
        row(EventKind.SWITCH, "the CPU goes from thread to other_thread", List.of(CPU, THREAD), OTHER_THREAD, STATE);
        row(EventKind.PREEMPT, "thread is switched out though it could run on", List.of(CPU, THREAD));
        row(EventKind.WAKEUP, "thread becomes runnable on target_cpu", List.of(CPU, THREAD, TARGET_CPU));
        row(EventKind.MIGRATE, "thread moves from cpu to target_cpu", List.of(CPU, THREAD, TARGET_CPU));
        row(
                EventKind.ABORT,
                "the kernel moves thread from inside a section to its abort handler",
                List.of(CPU, THREAD, SECTION, OFFSET),
                CAUSES,
                WASTED_CYCLES,
                CAUSE_SEQUENCE);
        row(
                EventKind.STALE_CPU_RESTART,
                "user code finds another CPU number and starts again",
                List.of(CPU, THREAD, SECTION));
        row(EventKind.SIGNAL, "a signal is delivered on the way to user mode", List.of(CPU, THREAD, NUMBER));
        row(EventKind.SYSCALL, "thread enters the kernel", List.of(CPU, THREAD, DETAIL));
        row(EventKind.MEMBARRIER_IPI, "membarrier(RSEQ) interrupts target_cpu", List.of(CPU, TARGET_CPU));
        row(EventKind.SLOW_PATH, "an allocator operation leaves its fast path", List.of(CPU, THREAD, DETAIL));
        row(EventKind.OP, "an allocator operation ends", List.of(CPU, THREAD, OP, TIER, LATENCY_CYCLES));
        row(EventKind.RSEQ_REGISTER, "thread registers or unregisters an rseq area", List.of(CPU, THREAD));
        row(EventKind.FAULT, "thread is killed, or the memory oracle finds a violation", List.of(DETAIL));
    }

    private TraceSchema() {}

    private static void row(EventKind kind, String meaning, List<Column> always, Column... whenSimulated) {
        MEANINGS.put(kind, meaning);
        ALWAYS.put(kind, always);
        WHEN_SIMULATED.put(kind, List.of(whenSimulated));
    }

    /** Columns that a row of the kind must have, besides those every row has. */
    public static List<Column> columnsOf(EventKind kind, boolean simulated) {
        List<Column> columns = new ArrayList<>(ALWAYS.get(kind));
        if (simulated) {
            columns.addAll(WHEN_SIMULATED.get(kind));
        }
        return columns;
    }

    /** The contract as tables, for {@code docs/trace-format.md}. */
    public static String markdown() {
        StringBuilder text = new StringBuilder("### Columns of events and operations\n\n");
        text.append("| column | type | unit | meaning |\n|---|---|---|---|\n");
        for (Column column : Column.values()) {
            String type = column.type().name().toLowerCase(Locale.ROOT) + (column.required() ? ", required" : "");
            line(text, code(column.id()), type, column.unit(), column.meaning());
        }
        text.append("\n### Kinds of events\n\n");
        text.append("| kind | meaning | columns | when simulated, also |\n|---|---|---|---|\n");
        for (EventKind kind : EventKind.values()) {
            line(text, code(kind.id()), MEANINGS.get(kind), ids(ALWAYS.get(kind)), ids(WHEN_SIMULATED.get(kind)));
        }
        text.append("\n### Causes of aborts\n\n| bit | cause |\n|---|---|\n");
        for (int bit = 0; bit < Cause.names().size(); bit++) {
            line(text, Integer.toString(1 << bit), Cause.names().get(bit));
        }
        text.append("\n### Counters\n\n| counter | counts |\n|---|---|\n");
        for (CounterName name : CounterName.values()) {
            line(text, code(name.id()), name.meaning());
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String code(String id) {
        return "`" + id + "`";
    }

    private static String ids(List<Column> columns) {
        return columns.stream().map(column -> code(column.id())).collect(Collectors.joining(", "));
    }
}
