package io.rseqlab.collector.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import io.rseqlab.trace.malloc.Repairs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who must wait for whom in a replay, on traces small enough to see. */
class ReplayPlanTest {
    private static final long PATIENCE_CYCLES = 500;

    @TempDir
    Path scratch;

    private int files;

    /** Words such as {@code 0+64} (thread 0 allocates 64 bytes), {@code 1-0} (thread 1 frees object 0), 1*0+9. */
    private RecordedCalls calls(String words) {
        Path file = scratch.resolve("trace-" + files++);
        MallocEvent event = new MallocEvent();
        int next = 0;
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (String word : words.split(" ")) {
                String[] parts = word.split("[+*-]");
                int thread = Integer.parseInt(parts[0]);
                if (word.contains("*")) {
                    event.begin(MallocEvent.Kind.REALLOCATE, thread).oldId = Integer.parseInt(parts[1]);
                } else {
                    event.begin(word.contains("+") ? MallocEvent.Kind.ALLOCATE : MallocEvent.Kind.FREE, thread);
                }
                if (event.kind.begins()) {
                    event.id = next++;
                    event.sizeBytes = Integer.parseInt(parts[parts.length - 1]);
                } else {
                    event.id = Integer.parseInt(parts[1]);
                }
                writer.accept(event);
            }
            writer.finish(new MallocOrigin("android", true, false, false, false), Repairs.NONE);
        }
        return RecordedCalls.read(file.toString());
    }

    private ReplayPlan plan(String words, int threads, boolean closes) {
        return new ReplayPlan(calls(words), threads, SizeClasses.upTo(1024), 1024, 256, closes, 0);
    }

    private static ReplayDirector director(ReplayPlan plan, int threads, long window) {
        return new ReplayDirector(plan, threads, false, window, 0, 1, 1000, PATIENCE_CYCLES);
    }

    /** What the threads of that order are told, a letter each: allocate, free, copy, park, wake, end. */
    private static String told(ReplayDirector director, int... order) {
        StringBuilder text = new StringBuilder();
        for (int thread : order) {
            text.append("afc..pwe".charAt(director.next(thread, 0)));
        }
        return text.toString();
    }

    @Test
    void aThreadWaitsForAnothersObjectAndIsWokenWhenThatIsDone() {
        ReplayDirector director = director(plan("0+8 1-0 1+8", 2, false), 2, 100);
        // the allocation is done when its thread asks for more: it is told to wake the other, and then to end
        assertThat(told(director, 1, 0, 0, 0, 1, 1, 1)).isEqualTo("pawefae");
    }

    @Test
    void anObjectThatIsCopiedIntoIsHandedOverBehindTheCopy() {
        ReplayDirector director = director(plan("0+8 0*0+16 1-1", 2, false), 2, 100);
        assertThat(told(director, 1, 0, 0, 0, 0)).isEqualTo("paacw");
    }

    @Test
    void whoIsAheadOfTheWindowWaitsUntilTheLastHasCaughtUpByHalf() {
        ReplayDirector director = director(plan("0+8 0+8 0+8 0+8 0+8 1+8 1+8", 2, false), 2, 4);
        assertThat(told(director, 1)).isEqualTo("p");
        assertThat(told(director, 0, 0, 0)).isEqualTo("aaa");
        // event 3 is two before event 5: half a window
        assertThat(told(director, 0, 0, 0)).isEqualTo("waa");
        assertThat(told(director, 1, 1, 1)).isEqualTo("aae");
    }

    @Test
    void whoWaitsLooksOnAsLongAsNobodyElseWantsTheCpuAndAWakeUpWouldTakeLonger() {
        ReplayDirector director = director(plan("0+8 1-0", 2, false), 2, 100);
        assertThat(director.next(1, 1000)).isEqualTo(ReplayDirector.PARK);
        assertThat(director.looksOn(1, 1000, 0)).isTrue();
        assertThat(director.looksOn(1, 1499, 0)).isTrue();
        assertThat(director.looksOn(1, 1001, 1)).isFalse();
        assertThat(director.looksOn(1, 1500, 0)).isFalse();
    }

    @Test
    void waitedIsFromTheQuestionThatIsAnsweredWithAWaitToTheNextQuestion() {
        ReplayDirector director = director(plan("0+8 1-0", 2, false), 2, 100);
        director.next(1, 1000);
        assertThat(director.waitedCycles(1300)).isEqualTo(300);
        director.next(0, 1400);
        assertThat(director.next(0, 1500)).isEqualTo(ReplayDirector.WAKE);
        assertThat(director.next(1, 1700)).isEqualTo(ReplayPlan.FREE);
        director.next(1, 1900);
        assertThat(director.waitedCycles(2000)).isEqualTo(700);
    }

    @Test
    void afterTheFirstHasLeftNobodyIsToldToWait() {
        ReplayDirector director = director(plan("0+8 1-0", 2, false), 2, 100);
        assertThat(director.leave()).isEqualTo(-1);
        assertThat(told(director, 1)).isEqualTo("e");
        ReplayDirector other = director(plan("0+8 1-0", 2, false), 2, 100);
        assertThat(told(other, 1)).isEqualTo("p");
        assertThat(other.leave()).isEqualTo(1);
        assertThat(other.leave()).isEqualTo(-1);
    }

    @Test
    void threadsThatShareASimulatedOneNeedNotWaitForEachOther() {
        ReplayPlan plan = plan("0+8 2-0 1+8 3-1", 2, false);
        assertThat(plan.turns).containsOnly(ReplayPlan.NEVER);
        assertThat(plan.begin).containsExactly(0, 2, 4);
    }

    @Test
    void aThreadTakesTheSlotsThatItEmptiedSoThatSlotsMakeNobodyWait() {
        StringBuilder words = new StringBuilder("0+8");
        for (int i = 0; i < 200; i++) {
            words.append(" 1-")
                    .append(2 * i)
                    .append(" 1+8 0-")
                    .append(2 * i + 1)
                    .append(" 0+8");
        }
        ReplayPlan plan = plan(words.toString(), 2, false);
        // each thread has the slot of the object that it allocates and of the one that it frees
        assertThat(plan.slotCount()).isLessThanOrEqualTo(2 * ReplaySlots.PER_LINE);
    }

    @Test
    void whatIsLeftIsFreedByWhoAllocatedItBeforeTheTraceBeginsAgain() {
        ReplayPlan plan = plan("0+8 1+8 1-0", 2, true);
        assertThat(plan.left).isEqualTo(1);
        assertThat(plan.length).isEqualTo(4);
        List<Integer> last = new ArrayList<>();
        for (int thread = 0; thread < 2; thread++) {
            last.add(plan.steps[plan.begin[thread + 1] - 1] & ReplayPlan.OP_MASK);
        }
        assertThat(last).containsExactly(ReplayPlan.ALLOCATE, ReplayPlan.FREE);
        ReplayDirector again = new ReplayDirector(plan, 2, true, 100, 0, 1, 1000, PATIENCE_CYCLES);
        // thread 0 may not allocate a second time before thread 1 has freed its first object
        assertThat(told(again, 0, 0)).isEqualTo("ap");
        assertThat(told(again, 1, 1, 1)).isEqualTo("afw");
    }
}
