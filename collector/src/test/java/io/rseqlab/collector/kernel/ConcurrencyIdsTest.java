package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.ThreadContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How concurrency ids are allotted, compacted and kept, in each of the forms that the kernel has had. */
class ConcurrencyIdsTest {
    private static final long PERIOD = 100;
    private static final long ALL = -1;

    /** A scheduler that does what a test says. */
    private static final class Stage {
        final CpuState[] cpus;
        final ConcurrencyIds ids;
        final List<Task> tasks = new ArrayList<>();
        long now;

        Stage(ConcurrencyIdForm form, int count) {
            cpus = new CpuState[count];
            for (int i = 0; i < count; i++) {
                cpus[i] = new CpuState(i, null, 1_000_000_000);
            }
            ids = form.of(cpus, PERIOD);
            ids.allowed(ALL);
        }

        Task start(int cpu) {
            Task task = new Task(new ThreadContext(tasks.size(), 0), 1_000_000_000);
            task.cpu = cpu;
            tasks.add(task);
            ids.started(task);
            return task;
        }

        /** Puts a task on its CPU, in place of what runs there; null for none. */
        void run(int cpu, Task task) {
            Task previous = cpus[cpu].current;
            if (previous != null) {
                ids.switchedOut(previous, cpus[cpu], now);
            }
            cpus[cpu].current = task;
            if (task != null) {
                if (task.cpu != cpu) {
                    ids.migrated(task, cpus[task.cpu], cpus[cpu], now);
                    task.cpu = cpu;
                }
                ids.switchedIn(task, cpus[cpu], now);
            }
        }

        void end(Task task) {
            ids.ended(task);
            run(task.cpu, null);
            tasks.remove(task);
        }

        boolean running(Task task) {
            return cpus[task.cpu].current == task;
        }
    }

    /** The promise that programs build on, whatever happens in whatever order. */
    @ParameterizedTest
    @EnumSource(
            value = ConcurrencyIdForm.class,
            names = {"LINUX_6_4", "LINUX_6_13", "LINUX_6_19"})
    void noTwoThreadsRunWithOneIdAndNoIdIsBeyondTheCpus(ConcurrencyIdForm form) {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            Stage stage = new Stage(form, 4);
            for (int step = 0; step < 200; step++, stage.now += random.nextInt(30)) {
                act(stage, random);
                List<Integer> held = stage.tasks.stream()
                        .filter(stage::running)
                        .map(task -> task.concurrencyId)
                        .toList();
                assertThat(held).as("round %d, step %d", round, step).doesNotHaveDuplicates();
                assertThat(held).allMatch(id -> id >= 0 && id < stage.cpus.length);
            }
        }
    }

    private static void act(Stage stage, Random random) {
        int cpu = random.nextInt(stage.cpus.length);
        int what = random.nextInt(10);
        if (what == 0 && stage.tasks.size() < 9) {
            stage.start(cpu);
        } else if (what == 1 && stage.cpus[cpu].current != null) {
            stage.end(stage.cpus[cpu].current);
        } else if (what == 2) {
            stage.ids.scan(stage.now);
        } else if (what == 3) {
            stage.run(cpu, null);
        } else if (!stage.tasks.isEmpty()) {
            Task task = stage.tasks.get(random.nextInt(stage.tasks.size()));
            if (!stage.running(task)) {
                stage.run(cpu, task);
            }
        }
    }

    /** Two threads; the one with id 0 sleeps, the other goes on. Answers that one's id at its next run. */
    private static int afterTheOtherSleptLong(ConcurrencyIdForm form) {
        Stage stage = new Stage(form, 2);
        Task first = stage.start(0);
        stage.run(0, first);
        Task second = stage.start(1);
        stage.run(1, second);
        assertThat(List.of(first.concurrencyId, second.concurrencyId)).isEqualTo(List.of(0, 1));
        stage.run(0, null);
        stage.now = 2 * PERIOD;
        stage.ids.scan(stage.now);
        assertThat(second.concurrencyId)
                .as("while it runs it keeps what it has")
                .isEqualTo(1);
        stage.run(1, null);
        stage.run(1, second);
        return second.concurrencyId;
    }

    @Test
    void theScanMakesIdsLowUpTo612AndCpusRemember613() {
        assertThat(afterTheOtherSleptLong(ConcurrencyIdForm.LINUX_6_4)).isZero();
        assertThat(afterTheOtherSleptLong(ConcurrencyIdForm.LINUX_6_13)).isEqualTo(1);
        assertThat(afterTheOtherSleptLong(ConcurrencyIdForm.LINUX_6_19)).isEqualTo(1);
    }

    @Test
    void anIdThatWasUsedLatelyIsLeftAlone() {
        Stage stage = new Stage(ConcurrencyIdForm.LINUX_6_4, 2);
        Task first = stage.start(0);
        stage.run(0, first);
        Task second = stage.start(1);
        stage.run(1, second);
        stage.run(0, null);
        stage.now = PERIOD - 1;
        stage.ids.scan(stage.now);
        stage.run(1, null);
        stage.run(1, second);
        assertThat(second.concurrencyId).isEqualTo(1);
    }

    /** Up to 6.18 a thread takes its id along where nobody else uses it: a lone thread has 0 on every CPU. */
    @ParameterizedTest
    @EnumSource(
            value = ConcurrencyIdForm.class,
            names = {"LINUX_6_4", "LINUX_6_13", "LINUX_6_19"})
    void aLoneThreadHasTheLowestIdEverywhere(ConcurrencyIdForm form) {
        Stage stage = new Stage(form, 4);
        Task task = stage.start(2);
        for (int cpu : new int[] {2, 0, 3, 1, 3}) {
            stage.run(task.cpu, null);
            stage.run(cpu, task);
            assertThat(task.concurrencyId).as("on CPU %d", cpu).isZero();
        }
    }

    @Test
    void from619OnThreadsOwnIdsUntilThereAreMoreThanCpus() {
        Stage stage = new Stage(ConcurrencyIdForm.LINUX_6_19, 4);
        List<Task> four = List.of(stage.start(0), stage.start(1), stage.start(2), stage.start(3));
        stage.run(3, four.get(0));
        assertThat(four.get(0).concurrencyId).as("its own, on any CPU").isZero();
        stage.run(3, four.get(2));
        assertThat(four.get(2).concurrencyId).isEqualTo(2);
        Task fifth = stage.start(0);
        stage.run(3, four.get(1));
        assertThat(four.get(1).concurrencyId).as("now the CPU's").isEqualTo(2);
        stage.run(3, fifth);
        assertThat(fifth.concurrencyId).isEqualTo(2);
        stage.end(fifth);
        stage.run(3, four.get(3));
        assertThat(four.get(3).concurrencyId)
                .as("four threads are too many to go back")
                .isEqualTo(2);
        stage.end(four.get(3));
        stage.run(3, four.get(0));
        stage.end(four.get(0));
        stage.run(3, four.get(1));
        stage.end(four.get(1));
        Task last = four.get(2);
        stage.run(0, last);
        assertThat(last.concurrencyId).isZero();
        stage.run(0, null);
        stage.run(2, last);
        assertThat(last.concurrencyId).as("its own again").isZero();
    }

    /** Seen by the program: it has slept, its CPU is the same, and the field is written all the same. */
    @Test
    void aThreadThatIsLeftAloneGetsALowIdAtItsNextRun() {
        Stage stage = new Stage(ConcurrencyIdForm.LINUX_6_19, 8);
        List<Task> three = List.of(stage.start(0), stage.start(1), stage.start(2));
        stage.run(0, three.get(0));
        stage.run(1, three.get(1));
        stage.run(2, three.get(2));
        stage.end(three.get(0));
        stage.end(three.get(1));
        assertThat(three.get(2).concurrencyId).isEqualTo(2);
        stage.run(2, null);
        stage.run(2, three.get(2));
        assertThat(three.get(2).concurrencyId).isZero();

        Bench bench = new Bench(Bench.Setup.of(new Linux71Policy(), 2), new String[] {"other", "main"}, (a, data) -> {
                    a.place(a.label("other"));
                    a.syscall(HostCall.SYS_EXIT);
                    a.place(a.label("main"));
                    a.ld32(Reg.T1, Reg.RSEQ, RseqArea.MM_CID);
                    a.st64(Reg.WORKLOAD, 0, Reg.T1);
                    a.li(Reg.A0, 100_000);
                    a.syscall(HostCall.SYS_NANOSLEEP);
                    a.ld32(Reg.T1, Reg.RSEQ, RseqArea.MM_CID);
                    a.st64(Reg.WORKLOAD, 8, Reg.T1);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(1e-3);
        assertThat(bench.word(256)).isEqualTo(1);
        assertThat(bench.word(256 + 8)).isZero();
    }

    /** Fewer CPUs allowed than there are: more threads than those are enough for CPUs to own the ids. */
    @Test
    void whatCountsIsTheCpusThatThreadsMayRunOn() {
        Stage stage = new Stage(ConcurrencyIdForm.LINUX_6_19, 4);
        ConcurrencyIds narrow = ConcurrencyIdForm.LINUX_6_19.of(stage.cpus, PERIOD);
        narrow.allowed(0b11);
        List<Task> tasks = List.of(
                new Task(new ThreadContext(0, 0), 1),
                new Task(new ThreadContext(1, 0), 1),
                new Task(new ThreadContext(2, 0), 1));
        tasks.forEach(narrow::started);
        assertThat(tasks).allMatch(task -> task.ownConcurrencyId == ConcurrencyIds.NONE);
        narrow.allowed(0b1100);
        narrow.switchedIn(tasks.get(2), stage.cpus[1], 0);
        assertThat(tasks.get(2).concurrencyId).isZero();
    }
}
