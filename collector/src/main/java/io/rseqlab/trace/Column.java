package io.rseqlab.trace;

import java.util.Locale;

/**
 * The columns of an event row: the one table that drives writer, reader, checker and documentation. Every column but
 * {@link #CYCLE}, {@link #SEQUENCE} and {@link #KIND} may be absent; absent is not zero.
 */
public enum Column {
    CYCLE(Type.INT64, "clock ticks", "when it happened, in ticks of run.json's clock_hz since the start of the run"),
    SEQUENCE(Type.INT64, "", "order of rows within the trace: strictly increasing, recovers order in SQL"),
    KIND(Type.TEXT, "", "the event kind"),
    CPU(Type.INT32, "", "where it happened"),
    THREAD(Type.INT32, "", "whom it happened to: simulated thread number or recorded tid; -1 is the idle task"),
    OTHER_THREAD(Type.INT32, "", "switch: the thread that runs next; wakeup: the waker"),
    TARGET_CPU(Type.INT32, "", "migrate, wakeup, membarrier_ipi: the CPU concerned"),
    STATE(Type.TEXT, "", "switch: why thread stopped (preempted, yielded, blocked, throttled, exited, idle)"),
    CAUSES(Type.INT32, "mask", "abort: set of Cause bits; one fix-up may carry several"),
    SECTION(Type.TEXT, "", "abort, stale_cpu_restart: the section's name, or its address when recorded"),
    OFFSET(
            Type.INT32,
            "instructions or bytes",
            "abort: interrupted position inside the section (run.json: offset_unit)"),
    WASTED_CYCLES(Type.INT64, "clock ticks", "abort: user time from the start of the attempt to the interruption"),
    CAUSE_SEQUENCE(
            Type.INT64,
            "",
            "abort: sequence of the event that caused it; signal: of an event that its exit to user mode carries as"
                    + " well"),
    OP(Type.TEXT, "", "malloc or free"),
    TIER(Type.INT32, "", "op: 0 is the fast path as the strategy declares it, then rising with cost"),
    LATENCY_CYCLES(Type.INT64, "clock ticks", "op: from the first to the last instruction, descheduled time included"),
    ADDRESS(Type.INT64, "", "op: the block; fault: the address concerned"),
    NUMBER(Type.INT32, "", "signal: its number; rseq_register: the result as errno"),
    DETAIL(Type.TEXT, "", "name of the system call, slow path or fault; comm when recorded");

    /** Physical types of columns. */
    public enum Type {
        INT32,
        INT64,
        TEXT
    }

    private final String id = name().toLowerCase(Locale.ROOT);
    private final Type type;
    private final String unit;
    private final String meaning;

    Column(Type type, String unit, String meaning) {
        this.type = type;
        this.unit = unit;
        this.meaning = meaning;
    }

    /** The column's name in files. */
    public String id() {
        return id;
    }

    public Type type() {
        return type;
    }

    /** Unit of the values, empty where they have none. */
    public String unit() {
        return unit;
    }

    /** One sentence for documentation. */
    public String meaning() {
        return meaning;
    }

    /** True where every row has a value. */
    public boolean required() {
        return this == CYCLE || this == SEQUENCE || this == KIND;
    }
}
