package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventCounters;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceChecker;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Causes are found backwards, in the order of events of old and new kernels; each text here is worked out by hand. */
class TextImportTest {
    private static final String FIXUP =
            "rseq_ip_fixup: regs_ip=0x55000007 start_ip=0x55000004 post_commit_offset=5 abort_ip=0x55000010";
    private static final String UPDATE = "rseq_update: cpu_id=%d node_id=0 mm_cid=0";

    @TempDir
    Path scratch;

    private final StringBuilder text = new StringBuilder("# tracer: nop\n#\n");
    private final List<Event> events = new ArrayList<>();
    private RunInfo info;
    private ImportReport report;
    private long interruptions;

    /** Adds an ftrace line of the program (pid 7), at a microsecond. */
    private void line(int cpu, int micros, String event) {
        line("app", 7, cpu, micros, event);
    }

    private void line(String comm, int pid, int cpu, int micros, String event) {
        text.append("%16s-%-7d [%03d] d..2.  %d.%06d: %s%n"
                .formatted(comm, pid, cpu, 100 + micros / 1_000_000, micros % 1_000_000, event));
    }

    private void switchOut(int cpu, int micros, String state) {
        line(
                cpu,
                micros,
                "sched_switch: prev_comm=app prev_pid=7 prev_prio=120 prev_state=" + state
                        + " ==> next_comm=other one next_pid=8 next_prio=120");
    }

    private void switchIn(int cpu, int micros) {
        line(
                "other one",
                8,
                cpu,
                micros,
                "sched_switch: prev_comm=other one prev_pid=8 prev_prio=120 prev_state=S"
                        + " ==> next_comm=app next_pid=7 next_prio=120");
    }

    private void signal(int cpu, int micros) {
        line(cpu, micros - 1, "signal_generate: sig=14 errno=0 code=128 comm=app pid=7 grp=1 res=0");
        line(cpu, micros, "signal_deliver: sig=14 errno=0 code=128 sa_handler=7ff7328d4d00 sa_flags=c000000");
    }

    private void exit(int cpu, int micros, boolean newOrder, boolean aborted) {
        String update = UPDATE.formatted(cpu);
        if (newOrder) {
            line(cpu, micros, update);
        }
        if (aborted) {
            line(cpu, micros, FIXUP);
        }
        if (!newOrder) {
            line(cpu, micros, update);
        }
    }

    private void read() throws IOException {
        Path file = scratch.resolve("text");
        Files.writeString(file, text);
        TextImport source = TextImport.open(TextForm.FTRACE, file);
        info = source.info();
        EventCounters counters = new EventCounters(info);
        List<Violation> violations = new ArrayList<>();
        TraceChecker checker = new TraceChecker(info, violations::add);
        report = source.events(event -> {
            Event copy = new Event();
            copy.copyFrom(event);
            events.add(copy);
            counters.accept(event);
            checker.accept(event);
        });
        interruptions = counters.total(CounterName.INTERRUPTIONS);
        assertThat(violations).isEmpty();
    }

    private List<Event> of(EventKind kind) {
        return events.stream().filter(event -> event.kind() == kind).toList();
    }

    private void assertAbort(int index, int causes, EventKind causedBy) {
        Event abort = of(EventKind.ABORT).get(index);
        assertThat(Cause.namesOf((int) abort.number(Column.CAUSES))).isEqualTo(Cause.namesOf(causes));
        assertThat(abort.number(Column.OFFSET)).isEqualTo(3);
        assertThat(abort.text(Column.SECTION)).isEqualTo("0x55000004");
        Event cause = events.get((int) abort.number(Column.CAUSE_SEQUENCE));
        assertThat(cause.kind()).isEqualTo(causedBy);
        assertThat(cause.thread()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPreemptionIsTheCause(boolean newOrder) throws IOException {
        switchOut(0, 10, "R");
        switchIn(0, 4010);
        exit(0, 4012, newOrder, true);
        read();
        assertAbort(0, Cause.PREEMPTION, EventKind.SWITCH);
        assertThat(of(EventKind.PREEMPT)).hasSize(1);
        assertThat(interruptions).isEqualTo(1);
        assertThat(info.threads()).containsExactly(new RunInfo.ThreadInfo(7, "app"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSignalIsTheCause(boolean newOrder) throws IOException {
        switchOut(0, 10, "R");
        switchIn(0, 4010);
        exit(0, 4012, newOrder, false);
        signal(0, 4020);
        exit(0, 4022, newOrder, true);
        read();
        assertAbort(0, Cause.SIGNAL, EventKind.SIGNAL);
        assertThat(of(EventKind.SIGNAL).get(0).number(Column.NUMBER)).isEqualTo(14);
        assertThat(interruptions).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPreemptionAndASignalOfOneExitAreBothCauses(boolean newOrder) throws IOException {
        switchOut(0, 10, "R");
        switchIn(0, 4010);
        signal(0, 4012);
        exit(0, 4013, newOrder, true);
        read();
        assertAbort(0, Cause.PREEMPTION | Cause.SIGNAL, EventKind.SIGNAL);
        assertThat(interruptions).isEqualTo(1);
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstLine() throws IOException {
        Path file = Files.writeString(scratch.resolve("marked"), "\uFEFFfirst\n\uFEFFsecond\n");
        List<String> lines = new ArrayList<>();
        TextScan.forEachLine(file, lines::add);
        assertThat(lines).containsExactly("first", "\uFEFFsecond");
    }

    @Test
    void comingBackElsewhereIsAMigration() throws IOException {
        switchOut(0, 10, "R");
        line("migration/0", 18, 0, 15, "sched_migrate_task: comm=app pid=7 prio=120 orig_cpu=0 dest_cpu=1");
        switchIn(1, 4010);
        exit(1, 4012, false, true);
        read();
        assertAbort(0, Cause.PREEMPTION | Cause.MIGRATION, EventKind.SWITCH);
        assertThat(of(EventKind.MIGRATE).get(0).number(Column.TARGET_CPU)).isEqualTo(1);
    }

    @Test
    void causesAreForgottenOnceUserModeWasReached() throws IOException {
        switchOut(0, 10, "R");
        switchIn(1, 4010);
        exit(1, 4012, false, true);
        switchOut(1, 9000, "R+");
        switchIn(1, 9010);
        exit(1, 9012, false, true);
        read();
        assertAbort(0, Cause.PREEMPTION | Cause.MIGRATION, EventKind.SWITCH);
        assertAbort(1, Cause.PREEMPTION, EventKind.SWITCH);
    }

    @Test
    void withoutUpdatesALateSignalInterruptsAnew() throws IOException {
        switchOut(0, 10, "R");
        switchIn(0, 4010);
        signal(0, 4500);
        line(0, 4501, FIXUP);
        read();
        assertAbort(0, Cause.SIGNAL, EventKind.SIGNAL);
        assertThat(interruptions).isEqualTo(2);
    }

    @Test
    void aBlockingCallIsNoPreemptionAndAYieldIsNeither() throws IOException {
        switchOut(0, 10, "S");
        switchIn(0, 20);
        exit(0, 21, false, false);
        line(0, 30, "sys_enter_sched_yield: ");
        switchOut(0, 31, "R");
        switchIn(0, 40);
        exit(0, 41, false, true);
        read();
        assertThat(of(EventKind.PREEMPT)).isEmpty();
        assertThat(of(EventKind.SWITCH))
                .extracting(event -> event.text(Column.STATE))
                .containsExactly("blocked", "blocked", "yielded", "blocked");
        assertThat(of(EventKind.SYSCALL).get(0).text(Column.DETAIL)).isEqualTo("sched_yield");
        assertAbort(0, Cause.PREEMPTION, EventKind.SWITCH);
    }

    @Test
    void anUnrecordedSwitchIsInferred() throws IOException {
        switchOut(0, 10, "R");
        exit(0, 4012, false, true);
        read();
        assertAbort(0, Cause.PREEMPTION, EventKind.SWITCH);
        assertThat(report.inferredSwitches()).isEqualTo(1);
        assertThat(of(EventKind.SWITCH).get(1).text(Column.DETAIL)).isEqualTo("inferred");
        assertThat(of(EventKind.SWITCH).get(1).has(Column.STATE)).isFalse();
    }

    @Test
    void aMigrationThatNobodyRecordedShowsInWhereTheThreadRunsNext() throws IOException {
        switchOut(0, 10, "S");
        switchIn(1, 20);
        switchOut(1, 30, "S");
        line("other one", 8, 1, 31, "sched_migrate_task: comm=app pid=7 prio=120 orig_cpu=1 dest_cpu=0");
        switchIn(0, 40);
        read();
        assertThat(of(EventKind.MIGRATE).stream().filter(event -> event.thread() == 7))
                .extracting(event -> event.cpu() + " " + event.text(Column.DETAIL))
                .containsExactly("0 inferred", "1 null");
        assertThat(report.inferredMigrations()).isEqualTo(3);
        assertThat(report.warnings())
                .anySatisfy(warning -> assertThat(warning).contains("3 migrations were not recorded"));
    }

    @Test
    void aThreadThatIsMovedHasStoppedEvenIfNobodyRecordedThat() throws IOException {
        switchIn(0, 10);
        line("third", 9, 1, 20, "sched_migrate_task: comm=app pid=7 prio=120 orig_cpu=0 dest_cpu=1");
        read();
        assertThat(of(EventKind.SWITCH).get(1).text(Column.DETAIL)).isEqualTo("inferred");
        assertThat(of(EventKind.MIGRATE)).hasSize(1);
    }

    @Test
    void aCpuThatOnlyAnotherOnesEventsNameCounts() throws IOException {
        switchOut(0, 10, "S");
        line("other one", 8, 0, 20, "sched_migrate_task: comm=app pid=7 prio=120 orig_cpu=3 dest_cpu=2");
        read();
        assertThat(info.cpus()).isEqualTo(4);
        line("other one", 8, 0, 30, "sched_wakeup: comm=app pid=7 prio=120 target_cpu=005");
        read();
        assertThat(info.cpus()).isEqualTo(6);
    }

    @Test
    void anAbortWhoseCauseLiesBeforeTheRecordingHasNone() throws IOException {
        exit(0, 10, false, true);
        read();
        assertThat(of(EventKind.ABORT).get(0).has(Column.CAUSES)).isFalse();
        assertThat(report.abortsWithoutCause()).isEqualTo(1);
        assertThat(report.warnings())
                .anySatisfy(warning -> assertThat(warning).contains("1 aborts have no cause in the recording"));
    }

    @Test
    void tracepointsThatNeverFiredAreNamedBecauseZeroMayMeanUnrecorded() throws IOException {
        exit(0, 10, false, false);
        read();
        assertThat(report.warnings())
                .anySatisfy(warning -> assertThat(warning).contains("there is no sched_switch line"))
                .anySatisfy(warning -> assertThat(warning).contains("there is no rseq_ip_fixup line"));
        switchOut(0, 20, "R");
        exit(0, 30, false, true);
        read();
        assertThat(report.warnings()).noneMatch(warning -> warning.startsWith("there is no"));
    }

    @Test
    void wakeupsNameTheWakerAndItsCpu() throws IOException {
        line("<idle>", 0, 1, 10, "sched_waking: comm=app pid=7 prio=120 target_cpu=000");
        line("<idle>", 0, 0, 12, "sched_wakeup: comm=app pid=7 prio=120 target_cpu=000");
        exit(0, 20, false, true);
        read();
        Event wakeup = of(EventKind.WAKEUP).get(0);
        assertThat(wakeup.cpu()).isEqualTo(1);
        assertThat(wakeup.number(Column.TARGET_CPU)).isZero();
        assertThat(wakeup.number(Column.OTHER_THREAD)).isEqualTo(-1);
    }

    @Test
    void lostEventsMakeTheTracePartialAndUnknownOnesAreReported() throws IOException {
        switchOut(0, 10, "R");
        text.append("CPU:0 [LOST 123 EVENTS]\nsomething else\n");
        line(0, 20, "irq_handler_entry: irq=4 name=x");
        exit(0, 30, false, true);
        read();
        assertThat(info.state()).isEqualTo(RunInfo.PARTIAL);
        assertThat(report.lost()).isEqualTo(123);
        assertThat(report.warnings())
                .anySatisfy(warning -> assertThat(warning).contains("lost 123 events"))
                .contains("skipped 1 lines of event irq_handler_entry", "skipped 1 lines that are no events");
    }

    @Test
    void withoutAbortsTheRegisteredThreadsAreUnderTest() throws IOException {
        exit(0, 10, false, false);
        read();
        assertThat(info.threads()).containsExactly(new RunInfo.ThreadInfo(7, "app"));
    }

    private void assertRefused(TextForm form, String content, String message) throws IOException {
        Path file = scratch.resolve("refused");
        Files.writeString(file, content);
        assertThatThrownBy(() -> TextImport.open(form, file))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining(message);
    }

    @Test
    void otherTextIsRefusedAndTheRightFormNamed() throws IOException {
        String perf = "  app   7 [000]  100.000010:   rseq:rseq_update: cpu_id=0 node_id=0 mm_cid=0\n";
        String traceCmd = "cpus=2\n  app-7  [000]  100.000010: rseq_update:          cpu_id=0 node_id=0 mm_cid=0\n";
        line(0, 10, UPDATE.formatted(0));
        assertRefused(TextForm.FTRACE, "", "is empty: no ftrace text");
        assertRefused(TextForm.FTRACE, "hello\nworld\n", "is no ftrace text: line 1 is 'hello', expected lines like '");
        assertRefused(TextForm.FTRACE, perf, "it looks like perf-script: import it as that");
        assertRefused(TextForm.FTRACE, traceCmd, "it looks like trace-cmd: import it as that");
        assertRefused(TextForm.PERF_SCRIPT, traceCmd, "it looks like trace-cmd: import it as that");
        assertRefused(TextForm.PERF_SCRIPT, text.toString(), "it looks like ftrace: import it as that");
        assertRefused(TextForm.TRACE_CMD, text.toString(), "it looks like ftrace: import it as that");
        assertRefused(
                TextForm.PERF_SCRIPT, "PERFILE2\u0001\u0002\n", "this is binary perf.data: run 'perf script' on it");
        assertThatThrownBy(() -> TextImport.open(TextForm.FTRACE, scratch.resolve("nothing")))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("nothing' cannot be read: no such file");
        assertThatThrownBy(() -> TextImport.open(TextForm.FTRACE, scratch))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("cannot be read");
    }
}
