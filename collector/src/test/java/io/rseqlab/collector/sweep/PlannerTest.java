package io.rseqlab.collector.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.strategy.Strategies;
import io.rseqlab.collector.workload.Workloads;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a file means, and that nothing it cannot mean gets as far as a run. */
class PlannerTest {
    private static Plan plan(String text) {
        return Planner.plan(ExperimentReader.parse(text, "exp.toml"));
    }

    @Test
    void aGridIsEveryCombinationAndAZipGoesTogether() {
        Plan plan = plan("""
                seeds = "3..5"
                [run]
                workload = "churn:live=4"
                [grid]
                strategy = ["rseq-freelist", "message-passing"]
                handoff = [0, 0.5]
                [[zip]]
                cpus = [1, 2]
                threads = [4, 8]
                """);
        assertThat(plan.axes()).containsExactly("strategy", "handoff", "cpus", "threads");
        assertThat(plan.points()).hasSize(8);
        assertThat(plan.size()).isEqualTo(24);
        assertThat(plan.points())
                .allMatch(point ->
                        point.spec().threads() == 4 * point.spec().machine().cpus());
        Point last = plan.points().get(7);
        assertThat(last.words()).isEqualTo("strategy=message-passing, handoff=0.5, cpus=2, threads=8");
        assertThat(last.folder(3)).hasToString("strategy=message-passing/handoff=0.5/cpus=2/threads=8/seed=3");
        assertThat(last.spec().workloadSettings().number("live")).isEqualTo(4);
        assertThat(last.spec().workloadSettings().number("handoff")).isEqualTo(0.5);
    }

    @Test
    void drawsOfCostsAreFurtherRunsOfEveryPointWithItsFirstSeeds() {
        String file = "seeds = [7, 9, 8]\n[costs]\ndraws = 2\nseeds = 1\n[grid]\nstrategy = [\"rseq-freelist\","
                + " \"ideal\"]\nthreads = [1, 2]\n";
        Plan plan = plan(file);
        assertThat(plan.axes()).containsExactly("strategy", "threads", "cost_draw");
        assertThat(plan.points()).hasSize(4).allMatch(point -> point.spec().costDraw() == 0);
        assertThat(plan.drawn()).hasSize(8);
        assertThat(plan.size()).isEqualTo(4 * 3 + 8).isEqualTo(plan.runs().size());
        assertThat(plan.runs().get(12).point().folder(7))
                .hasToString("strategy=rseq-freelist/threads=1/cost_draw=1/seed=7");
        assertThat(plan.runs().subList(12, 20)).allMatch(run -> run.seed() == 7);
        assertThat(plan(file.replace("draws = 2", "draws = 3")).digest()).isNotEqualTo(plan.digest());
    }

    @Test
    void everyPointHasTheSameSeedsAndTheyComeOneAfterTheOther() {
        Plan plan = plan("seeds = [7, 9]\n[grid]\nstrategy = [\"rseq-freelist\", \"ideal\"]");
        assertThat(plan.runs().stream()
                        .map(run -> run.spec().strategySettings().name()
                                + run.spec().seed()))
                .containsExactly("rseq-freelist7", "ideal7", "rseq-freelist9", "ideal9");
    }

    @Test
    void aParameterGoesToThoseThatDeclareIt() {
        Plan plan = plan("""
                [grid]
                strategy = ["rseq-freelist", "message-passing"]
                cap = [64, 128]
                """);
        assertThat(plan.points().stream().map(point -> point.folder(1).toString()))
                .containsExactly(
                        "strategy=rseq-freelist/cap=64/seed=1",
                        "strategy=rseq-freelist/cap=128/seed=1",
                        "strategy=message-passing/cap=__HIVE_DEFAULT_PARTITION__/seed=1");
    }

    @Test
    void theDigestIsOfWhatWillRunAndNotOfItsSpelling() {
        String grid = "[grid]\nstrategy = [\"rseq-freelist\"]\nthreads = [2, 4]\n";
        String digest = plan(grid).digest();
        assertThat(plan("# a remark\nseeds = \"1..10\"\n" + grid).digest()).isEqualTo(digest);
        assertThat(plan("seeds = \"1..11\"\n" + grid).digest()).isNotEqualTo(digest);
        assertThat(plan("[run]\nduration = \"11ms\"\n" + grid).digest()).isNotEqualTo(digest);
        assertThat(plan(grid.replace("[2, 4]", "[4, 2]")).digest()).isNotEqualTo(digest);
    }

    @Test
    void noAxisIsCalledLikeAColumnOfTheFiles() {
        List<String> columns = Stream.concat(
                        Arrays.stream(Column.values()).map(Column::id),
                        Arrays.stream(Counter.class.getRecordComponents()).map(RecordComponent::getName))
                .toList();
        assertThat(Setting.ids()).doesNotContainAnyElementsOf(columns);
        Strategies.ALL.forEach(strategy ->
                assertThat(strategy.parameters()).noneMatch(parameter -> columns.contains(parameter.name())));
        Workloads.ALL.forEach(workload ->
                assertThat(workload.parameters()).noneMatch(parameter -> columns.contains(parameter.name())));
    }

    static Stream<Arguments> mistakes() {
        String grid = "[grid]\nstrategy = [\"rseq-freelist\"]\n";
        return Stream.of(
                Arguments.of("seeds = 1\n[grid\n", "exp.toml: line 2: no TOML: "),
                Arguments.of(
                        "seds = 1\n" + grid, "exp.toml: line 1: seds: no such entry at the top; did you mean 'seeds'?"),
                Arguments.of(
                        "threads = 4\n" + grid, "exp.toml: line 1: threads: no such entry at the top: it goes into"),
                Arguments.of("seeds = \"9..1\"\n" + grid, "exp.toml: line 1: seeds: '9..1' ends before it begins"),
                Arguments.of("run = 3\n" + grid, "exp.toml: line 1: run: must be a table"),
                Arguments.of("[run]\nthreads = 4\n", "exp.toml: no strategy: write strategy = "),
                Arguments.of(
                        "[grid]\nstrategy = \"x\"\n",
                        "exp.toml: line 2: strategy: must be a list, as in strategy = [\"x\""),
                Arguments.of("[grid]\nstrategy = []\n", "exp.toml: line 2: strategy: the list is empty"),
                Arguments.of(
                        "[grid]\nstrategy = [\"rseq\"]\n",
                        "exp.toml: line 2: strategy: no strategy 'rseq'; did you mean 'rseq-"),
                Arguments.of(
                        "[grid]\nstrategy = [3]\n",
                        "exp.toml: line 2: strategy: 3 is not allowed: must be a text in quotes"),
                Arguments.of(grid + "threads = [2, 2]\n", "exp.toml: line 3: threads: 2 is named twice"),
                Arguments.of(
                        grid + "threads = [2.5]\n",
                        "exp.toml: line 3: threads: 2.5 is not allowed: must be a whole number"),
                Arguments.of(grid + "threads = [2, 0]\n", "exp.toml: line 3: threads: 0 is not from 1 to 16384"),
                Arguments.of(
                        grid + "handof = [0]\n",
                        "exp.toml: line 3: handof: no setting, and no parameter of the strategies and workloads here;"
                                + " did you mean 'handoff'?"),
                Arguments.of(grid + "handoff = [0,\n 7]\n", "exp.toml: line 3: handoff: 7 is not allowed: from 0 to 1"),
                Arguments.of(grid + "batch = [1]\n", "exp.toml: line 3: batch: no setting, and no parameter"),
                Arguments.of(
                        grid + "pinned = [\"yes\"]\n",
                        "exp.toml: line 3: pinned: \"yes\" is not allowed: must be true or false"),
                Arguments.of(
                        "[run]\nduration = \"3 weeks\"\n" + grid, "exp.toml: line 2: duration: '3 weeks' is no time"),
                Arguments.of(
                        "[run]\nkernel = \"linux-9\"\n" + grid,
                        "exp.toml: line 2: kernel: no kernel is called 'linux-9'"),
                Arguments.of(
                        "[run]\nthreads = [1, 2]\n" + grid,
                        "exp.toml: line 2: threads: must be one value, not a list: what varies goes into [grid]"),
                Arguments.of(
                        "[run]\nthreads = 4\n" + grid + "threads = [4]\n",
                        "exp.toml: line 5: threads: stands in [run] as well"),
                Arguments.of(
                        grid + "[[zip]]\ncpus = [1, 2]\nthreads = [4]\n",
                        "exp.toml: line 5: threads: has 1 values and cpus has 2"),
                Arguments.of(grid + "[zip]\ncpus = [1, 2]\n", "exp.toml: line 3: zip: must be written [[zip]]"),
                Arguments.of(
                        "[grid]\nstrategy = [\"rseq-freelist\", \"rseq-freelist:cap=256\"]\n",
                        "exp.toml: two points are the same runs: strategy=rseq-freelist and "),
                Arguments.of(
                        "[run]\ninject = \"no-abort\"\n[grid]\nstrategy = [\"rseq-freelist\", \"percpu-lock\"]\n",
                        "exp.toml: line 2: inject: --inject no-abort needs a strategy with sections;"),
                Arguments.of(
                        "seeds = \"1..100000\"\n" + grid + "threads = [1,2,3,4,5,6,7,8,9,10,11]\n",
                        "exp.toml: more than 1000000 runs"));
    }

    static Stream<Arguments> mistakesOfCosts() {
        String grid = "[grid]\nstrategy = [\"rseq-freelist\"]\n";
        return Stream.of(
                Arguments.of(
                        "[costs]\ndraws = 0\n" + grid,
                        "exp.toml: line 2: draws: 0 is not allowed: must be a whole number from 1 to 1000"),
                Arguments.of("[costs]\nseeds = 2\n" + grid, "exp.toml: draws: is missing from [costs]: it must be"),
                Arguments.of(
                        "seeds = \"1..4\"\n[costs]\ndraws = 9\nseeds = 5\n" + grid,
                        "exp.toml: line 4: seeds: 5 is not allowed: must be a whole number from 1 to 4"),
                Arguments.of(
                        "[costs]\ndraw = 3\n" + grid,
                        "exp.toml: line 2: draw: no such entry of [costs]; did you mean 'draws'?"),
                Arguments.of(
                        "[costs]\ndraws = 3\n" + grid + "cost_draw = [1, 2]\n",
                        "exp.toml: line 5: cost_draw: stands in [costs] as well"));
    }

    @ParameterizedTest
    @MethodSource({"mistakes", "mistakesOfCosts"})
    void aMistakeIsToldByLineAndKeyAndWhatIsAllowed(String text, String message) {
        assertThatThrownBy(() -> plan(text))
                .isInstanceOf(ExperimentException.class)
                .hasMessageStartingWith(message)
                .message()
                .hasLineCount(1);
    }

    /** Whoever mends one mistake is not to find the next by another run. */
    @Test
    void allMistakesThatDoNotHangTogetherAreTold() {
        String text = """
                seds = 1
                [run]
                kernel = "linux-9"
                duration = "soon"
                [grid]
                strategy = ["rseq-freelist"]
                threads = [2, "x"]
                handoff = []
                """;
        assertThatThrownBy(() -> plan(text))
                .isInstanceOf(ExperimentException.class)
                .message()
                .satisfies(message -> assertThat(message.lines())
                        .extracting(line -> line.split(": ")[1] + " " + line.split(": ")[2])
                        .containsExactly(
                                "line 1 seds", "line 3 kernel", "line 4 duration", "line 7 threads", "line 8 handoff"));
        assertThatThrownBy(() -> plan("[grid]\nstrategy = [\"rseq\", \"ideel\"]\n"))
                .message()
                .hasLineCount(2);
        assertThatThrownBy(() -> plan("[grid]\nstrategy = [\"ideal\"]\nhandof = [0]\nliv = [3]\n"))
                .message()
                .hasLineCount(2);
    }
}
