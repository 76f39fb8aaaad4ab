package io.rseqlab.trace;

/** What holds of every trace, each as a sentence. */
public enum Invariant {
    COLUMNS_OF_KIND("An event has the columns of its kind"),
    CYCLES_NEVER_FALL("Cycles never fall"),
    SEQUENCE_RISES("The sequence strictly increases"),
    CPU_EXISTS("An event happens on a CPU of the machine"),
    SWITCHES_OUT_WHO_RUNS("A CPU switches out the thread it was running"),
    ONE_CPU_AT_A_TIME("A thread runs on at most one CPU at a time"),
    PREEMPTION_SWITCHES("A preemption is followed by the switch of its thread, at the same cycle on the same CPU"),
    MIGRATES_WHILE_OFF("A thread migrates only while it does not run"),
    ABORTS_WHO_RUNS("An abort happens to the thread that runs on its CPU"),
    ABORT_HAS_CAUSE("An abort carries at least one cause"),
    CAUSE_COMES_BEFORE("The event that caused an abort comes before it and concerns its thread"),
    CAUSE_FITS("The event that caused an abort is of a kind that fits its causes"),
    SECTION_IS_DECLARED("An abort names a section that a program declares"),
    OFFSET_IS_INSIDE("The offset of an abort lies inside its section"),
    COUNTERS_EQUAL_EVENTS("Counters equal the events they count"),
    TOTALS_EQUAL_COUNTERS("Totals equal the sums of counters"),
    ATTEMPTS_END_ONCE("Attempts of a section equal its commits, exits and aborts"),
    PARTS_OF_THE_RUN("Every part is there and was written by the run that run.json describes"),
    ORACLE_IS_SILENT("The memory oracle finds nothing wrong in the run"),
    HASH_EQUALS_CONTENT("The content hash equals the content");

    private final String sentence;

    Invariant(String sentence) {
        this.sentence = sentence;
    }

    public String sentence() {
        return sentence;
    }
}
