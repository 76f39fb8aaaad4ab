package io.rseqlab.analyzer.metric;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.EventRows;
import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventCounters;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The laws of every metric: without them threads, files and machines would give different numbers for one trace. A new
 * metric in {@link Metrics#ALL} is under these laws without further ado.
 */
class MetricLawsTest {
    private static final Scope SCOPE = new Scope(TestTraces.simulated());
    private static final List<Event> EVENTS = TestTraces.events(1, 600);

    /** A metric with what it observes. */
    record Law<S extends Serializable, O, R>(String name, Metric<S, O, R> metric, List<O> items) {
        /** What one of several saw, to whom items are dealt out one by one: the hardest cut there is. */
        S state(int shard, int shards) {
            S state = metric.zero();
            for (int index = shard; index < items.size(); index += shards) {
                metric.observe(state, items.get(index));
            }
            return state;
        }

        /** What one of several saw, of whom each has a stretch. */
        S stretch(Shard shard) {
            S state = metric.zero();
            items.subList(shard.from(items.size()), shard.to(items.size()))
                    .forEach(item -> metric.observe(state, item));
            return state;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Law<?, ?, ?>> laws() {
        return laws(23);
    }

    private static Stream<Law<?, ?, ?>> laws(int batchRows) {
        List<EventBatch> events = EventRows.batches(EVENTS, batchRows);
        List<Law<?, ?, ?>> laws = new ArrayList<>();
        for (MetricInfo info : Metrics.ALL) {
            laws.add(
                    info.fromEvents()
                            ? law(info.id(), info.events().apply(SCOPE), events)
                            : law(info.id(), info.counters().apply(SCOPE), counters()));
        }
        laws.add(law("latency histograms", Metrics.latencyHistograms(SCOPE), counters()));
        laws.add(law("abort sites", Metrics.abortSites(SCOPE), counters()));
        laws.add(law("per CPU", Metrics.perCpu(SCOPE), counters()));
        laws.add(law("thread operations", Metrics.threadOps(SCOPE), counters()));
        laws.add(law("timeline", Metrics.timeline(SCOPE, 20_000_000, 60_000_000), events));
        laws.add(law("threads' run times", Metrics.threadRuns(SCOPE).map(MetricLawsTest::comparable), events));
        laws.add(law("event totals", Metrics.eventTotals(SCOPE), events));
        return laws.stream();
    }

    private static Map<Integer, List<Long>> comparable(Map<Integer, long[]> runs) {
        Map<Integer, List<Long>> lists = new TreeMap<>();
        runs.forEach((thread, run) -> lists.put(thread, List.of(run[0], run[1])));
        return lists;
    }

    private static <S extends Serializable, O, R> Law<S, O, R> law(String name, Metric<S, O, R> metric, List<O> items) {
        return new Law<>(name, metric, items);
    }

    private static List<Counter> counters() {
        EventCounters fromEvents = new EventCounters(SCOPE.info());
        EVENTS.forEach(fromEvents::accept);
        List<Counter> counters =
                new ArrayList<>(fromEvents.counters(SCOPE.info().windowEndCycle()));
        counters.addAll(TestTraces.counters(1));
        return counters;
    }

    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void itemsAtOnceAreItemsOneByOne(Law<S, O, R> law) {
        S state = law.metric().zero();
        law.metric().observeAll(state, law.items());
        assertThat(state).isEqualTo(law.state(0, 1));
    }

    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void zeroIsTheIdentity(Law<S, O, R> law) {
        S state = law.state(0, 1);
        assertThat(law.metric.merge(law.metric.zero(), state)).isEqualTo(state);
        assertThat(law.metric.merge(state, law.metric.zero())).isEqualTo(state);
    }

    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void mergingIsCommutativeAndLeavesItsArgumentsAlone(Law<S, O, R> law) {
        S a = law.state(0, 2);
        S b = law.state(1, 2);
        assertThat(law.metric.merge(a, b)).isEqualTo(law.metric.merge(b, a));
        assertThat(a).isEqualTo(law.state(0, 2));
        assertThat(b).isEqualTo(law.state(1, 2));
    }

    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void mergingIsAssociative(Law<S, O, R> law) {
        S a = law.state(0, 3);
        S b = law.state(1, 3);
        S c = law.state(2, 3);
        Metric<S, O, R> metric = law.metric;
        assertThat(metric.merge(metric.merge(a, b), c)).isEqualTo(metric.merge(a, metric.merge(b, c)));
    }

    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void anyLawfulPartitionGivesTheWhole(Law<S, O, R> law) {
        S whole = law.state(0, 1);
        for (int shards = 2; shards <= 5; shards++) {
            S merged = law.metric.zero();
            for (int shard = shards - 1; shard >= 0; shard--) {
                merged = law.metric.merge(merged, law.state(shard, shards));
            }
            assertThat(merged).isEqualTo(whole);
            assertThat(present(law, merged)).isEqualTo(present(law, whole));
        }
    }

    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void stretchesInAnyOrderGiveTheWhole(Law<S, O, R> law) {
        S whole = law.state(0, 1);
        for (int count = 2; count <= 7; count++) {
            S merged = law.metric.zero();
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, count).boxed().toList());
            Collections.shuffle(order, new Random(count));
            for (int shard : order) {
                merged = law.metric.merge(law.stretch(new Shard(shard, count)), merged);
            }
            assertThat(merged).isEqualTo(whole);
            assertThat(present(law, merged)).isEqualTo(present(law, whole));
        }
    }

    /** The cut into batches is the file's, which means nothing: the state must not depend on it. */
    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void theSizeOfBatchesChangesNothing(Law<S, O, R> law) {
        for (Law<?, ?, ?> other : laws(101).toList()) {
            if (other.name.equals(law.name)) {
                assertThat((Object) other.state(0, 1)).isEqualTo(law.state(0, 1));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void aStateSurvivesSerialisation(Law<S, O, R> law)
            throws IOException, ClassNotFoundException {
        S state = law.state(0, 1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(state);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(state);
        }
    }

    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void aStateSurvivesBeingWrittenForAnotherProcess(Law<S, O, R> law)
            throws IOException {
        for (S state : List.of(law.state(0, 1), law.state(1, 3), law.metric.zero())) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            law.metric.write(state, new StateWriter(new DataOutputStream(bytes)));
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
            assertThat(law.metric.read(new StateReader(in))).isEqualTo(state);
            assertThat(in.available()).as("nothing is left over").isZero();
        }
    }

    /** Parts that were written, read and merged in any order are the whole: so processes agree with threads. */
    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void partsOfSeveralProcessesMergeToTheWhole(Law<S, O, R> law) {
        S whole = law.state(0, 1);
        S merged = law.metric.zero();
        for (int shard : new int[] {2, 0, 3, 1}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            law.metric.write(law.state(shard, 4), new StateWriter(new DataOutputStream(bytes)));
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
            merged = law.metric.merge(merged, law.metric.read(new StateReader(in)));
        }
        assertThat(merged).isEqualTo(whole);
        assertThat(present(law, merged)).isEqualTo(present(law, whole));
    }

    @ParameterizedTest
    @MethodSource("laws")
    <S extends Serializable, O, R> void nothingIsNoDataAndSomethingIs(Law<S, O, R> law) {
        assertThat(hasData(law.metric.present(law.metric.zero()))).isFalse();
        assertThat(hasData(law.metric.present(law.state(0, 1)))).isTrue();
    }

    private static boolean hasData(Object presented) {
        if (presented instanceof MetricValue value) {
            return value.hasData();
        }
        if (presented instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        return presented instanceof Collection<?> rows ? !rows.isEmpty() : presented != null;
    }

    private static <S extends Serializable, O, R> R present(Law<S, O, R> law, S state) {
        return law.metric.present(state);
    }
}
