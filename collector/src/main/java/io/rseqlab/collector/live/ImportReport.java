package io.rseqlab.collector.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an import found.
 *
 * @param lines event lines read
 * @param events events written
 * @param switches lines of sched_switch among them
 * @param aborts aborts among them
 * @param abortsWithoutCause aborts whose cause lies before the recording
 * @param inferredSwitches switches that were not recorded but must have happened
 * @param inferredMigrations migrations that were not recorded but must have happened
 * @param skipped event lines of no use to a trace, by event
 * @param otherLines lines that are neither events nor comments
 * @param lost events that the recording says it lost
 * @param outOfOrder lines older than the one before them
 */
public record ImportReport(
        long lines,
        long events,
        long switches,
        long aborts,
        long abortsWithoutCause,
        long inferredSwitches,
        long inferredMigrations,
        Map<String, Long> skipped,
        long otherLines,
        long lost,
        long outOfOrder) {

    /** What the user should know, one sentence each. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (lost > 0) {
            warnings.add("the recording lost " + lost
                    + " events, so the trace is marked partial; record again with a larger buffer");
        }
        if (switches == 0) {
            warnings.add("there is no sched_switch line: switches and preemptions were not recorded, and where analyses"
                    + " say 0 of them that means nothing");
        }
        if (aborts == 0) {
            warnings.add(
                    "there is no rseq_ip_fixup line: either nothing aborted, or rseq:rseq_ip_fixup was not recorded,"
                            + " and then 0 aborts mean nothing");
        }
        if (abortsWithoutCause > 0) {
            warnings.add(abortsWithoutCause + " aborts have no cause in the recording; record sched_switch and"
                    + " signal_deliver as well, from before the program starts");
        }
        if (inferredSwitches > 0) {
            warnings.add(inferredSwitches + " switches were not recorded and are inferred from what ran next; their"
                    + " state is unknown; record the whole machine to see them");
        }
        if (inferredMigrations > 0) {
            warnings.add(inferredMigrations + " migrations were not recorded and are inferred from where threads ran"
                    + " next; record sched_migrate_task of the whole machine to see when they happened");
        }
        skipped.forEach((event, count) -> warnings.add("skipped " + count + " lines of event " + event));
        if (otherLines > 0) {
            warnings.add("skipped " + otherLines + " lines that are no events");
        }
        if (outOfOrder > 0) {
            warnings.add(outOfOrder + " lines go back in time and were taken as simultaneous with the line before");
        }
        return warnings;
    }

    /**
     * The same for a recording of our own, which shows what it was made to show: only what went wrong.
     *
     * @param lostByKernel events that the kernel could not keep
     */
    public List<String> warningsOfRecording(long lostByKernel) {
        List<String> warnings = new ArrayList<>();
        long most = Math.max(lost, lostByKernel);
        if (most > 0) {
            warnings.add(most + " events were lost, so the trace is marked partial; record again with a larger"
                    + " --buffer-kib");
        }
        if (abortsWithoutCause > 0) {
            warnings.add(abortsWithoutCause + " aborts have no cause in the recording");
        }
        if (outOfOrder > 0) {
            warnings.add(outOfOrder + " events of different CPUs came late and were taken as simultaneous with the one"
                    + " before");
        }
        return warnings;
    }
}
