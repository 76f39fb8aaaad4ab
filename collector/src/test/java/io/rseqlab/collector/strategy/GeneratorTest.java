package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.workload.Workload;
import io.rseqlab.collector.workload.Workloads;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be told to the generator is what comes about. */
class GeneratorTest {
    private static TinyRun run(String settings, int threads, int operations) {
        return new TinyRun("global-mutex", "generator:" + settings, 3, threads, 3).run(operations);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "live=5,order=fifo,remote=0.5,to=next,batch=4",
                "live=5,order=lifo,remote=0.3,to=queue,batch=3",
                "live=5,order=pareto,remote=0.5,to=random,batch=1",
                "live=5,order=births,remote=0.5,to=random,batch=30,most=3000,birth=2000,death=3000",
                "live=5,order=births,life=30,remote=0.2",
                "live=5,order=lifo,life=30,at_end=free,remote=0.2",
                "live=5,order=random,life=30,at_end=free,law=power,death=200",
                "to=queue,producers=3,batch=5,law=fixed,most=64",
                "to=queue,producers=1,batch=1,law=list,list=16/100/3000,burst=10,pause_us=1",
            })
    void theBooksAreKept(String settings) {
        for (String strategy : List.of("rseq-freelist", "tcmalloc-percpu", "snmalloc", "mimalloc-v3", "hoard")) {
            TinyRun run = new TinyRun(strategy, "generator:" + settings, 3, 5, 7);
            run.signals = 0.02;
            run.run(600);
            assertThat(run.oracle.frees).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'remote=0', 0",
        "'remote=0.3,to=next,batch=5', 0.3",
        "'remote=0.3,to=random,batch=5', 0.3",
        "'remote=1,to=next', 1",
        // who takes it is anybody, a quarter of the time who gave it
        "'remote=0.4,to=queue,batch=2', 0.3",
        "'to=queue,producers=2,batch=3', 1",
    })
    void soManyAreFreedByOthers(String settings, double share) {
        TinyOracle oracle = run("live=10," + settings, 4, 8000).oracle;
        assertThat((double) oracle.foreignFrees / oracle.frees).isCloseTo(share, within(0.04));
    }

    /** How many objects are allocated during an object's life. */
    private static List<Long> lives(String order) {
        return run("live=10,order=" + order, 1, 6000).oracle.lives;
    }

    private static double mean(List<Long> lives) {
        return lives.stream().mapToLong(life -> life).average().orElseThrow();
    }

    private static double share(List<Long> lives, long most) {
        return (double) lives.stream().filter(life -> life <= most).count() / lives.size();
    }

    @Test
    void objectsLiveAsLongAsTheOrderHasIt() {
        assertThat(lives("fifo")).containsOnly(9L);
        List<Long> newest = lives("lifo");
        assertThat(newest.subList(0, 10)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(mean(newest)).isCloseTo(4.5, within(0.1));
        // geometric: one in ten goes at the next step
        List<Long> random = lives("random");
        assertThat(mean(random)).isCloseTo(9, within(0.7));
        assertThat(share(random, 0)).isCloseTo(0.1, within(0.02));
        // so many live on average, and any may die
        List<Long> births = lives("births");
        assertThat(mean(births)).isCloseTo(10, within(1.0));
        assertThat(share(births, 10)).isCloseTo(0.63, within(0.06));
        // a fifth of the slots turn over most of the objects
        assertThat(share(lives("pareto"), 4)).isGreaterThan(share(random, 4) + 0.15);
    }

    /** The number that live is a Poisson process's: the mean of 40 has a standard deviation of 6. */
    @Test
    void birthsAndDeathsAreInBalance() {
        TinyOracle oracle = run("live=40,order=births", 1, 9000).oracle;
        assertThat(oracle.mallocs - oracle.frees).isBetween(16L, 64L);
        assertThat(oracle.mallocs).isEqualTo(9000);
    }

    @Test
    void asMuchIsWrittenAndReadAsWasAskedFor() {
        String sizes = "live=10,order=fifo,law=fixed,most=640";
        long stores = executed(sizes + ",birth=64", Op.ST64);
        // nine lines more of each object
        assertThat(executed(sizes + ",birth=640", Op.ST64) - stores).isEqualTo(9 * 1000);
        assertThat(executed(sizes + ",birth=9999", Op.ST64) - stores).isEqualTo(9 * 1000);
        long loads = executed(sizes + ",death=65", Op.LD64);
        assertThat(executed(sizes + ",death=320", Op.LD64) - loads).isEqualTo(3 * 990);
    }

    private static long executed(String settings, int op) {
        return run(settings, 1, 1000).machine.executed[op];
    }

    @Test
    void threadsLeaveTheirObjectsToOthersOrFreeThem() {
        TinyOracle left = run("live=10,life=25,order=random", 4, 6000).oracle;
        assertThat((double) left.foreignFrees / left.frees).isBetween(0.2, 0.4);
        assertThat(run("live=10,life=25,order=births,at_end=free", 4, 6000).oracle.foreignFrees)
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "'law=fixed,most=100', 128",
        "'law=list,list=16/24/2000', 32 2048",
        "'law=power,least=30,most=33', 32 64",
    })
    void sizesAreThoseOfTheLaw(String settings, String classes) {
        Workload generator = Workloads.byId("generator");
        SizeClasses sizes = generator.sizes(Settings.parse("generator:" + settings, generator.parameters()));
        assertThat(sizes.toString().replaceAll("[\\[\\],]", "")).isEqualTo(classes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "law=list",
                "list=16/32",
                "dist=sizes.csv",
                "producers=2",
                "to=queue,producers=2,life=10",
                "least=100,most=50",
            })
    void whatDoesNotGoTogetherIsRefused(String settings) {
        Workload generator = Workloads.byId("generator");
        Settings parsed = Settings.parse("generator:" + settings, generator.parameters());
        assertThatThrownBy(() -> generator.check(parsed)).isInstanceOf(UsageException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"16/x", "0", "16//32", "2000000"})
    void aListThatIsNoneIsRefused(String list) {
        Workload generator = Workloads.byId("generator");
        Settings parsed = Settings.parse("generator:law=list,list=" + list, generator.parameters());
        assertThatThrownBy(() -> generator.sizes(parsed)).isInstanceOf(UsageException.class);
    }
}
