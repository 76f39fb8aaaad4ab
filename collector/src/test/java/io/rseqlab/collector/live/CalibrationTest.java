package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A profile says what was measured, in units that profiles have, and never passes off an assumption as a figure. */
class CalibrationTest {
    private static final Host ZEN5 = new Host("AuthenticAMD", 26, 2, 2.5961e9, List.of(0, 1));
    private static final CalibrationRules.HostFacts FACTS = new CalibrationRules.HostFacts(
            2,
            true,
            List.of(
                    new HostCache(1, 48 << 10, 12, 1),
                    new HostCache(2, 1 << 20, 16, 1),
                    new HostCache(3, 32 << 20, 16, 2)),
            25.5);

    @TempDir
    Path folder;

    /**
     * What the driver printed on a Zen 5 while its host had the CPUs near each other. One figure is not from there: the
     * probe timer_signal came later, and has what turin-vm-2 says a timer's signal costs in all.
     */
    private static NativeCosts recorded() {
        return NativeCosts.parse(resource("costs-near.json")).and(NativeCosts.parse(resource("interrupts.json")));
    }

    private static String resource(String name) {
        try (InputStream in = CalibrationTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private MachineProfile profile(Host host, CalibrationRules.HostFacts facts, NativeCosts... rounds)
            throws IOException {
        Calibration calibration = Calibration.of("here", host, List.of(rounds), facts, 0.0);
        Path file = Files.writeString(folder.resolve("here.toml"), calibration.text());
        MachineProfile profile = ProfileReader.read(file);
        long assumed =
                profile.facts().stream().filter(MachineProfile.Fact::assumed).count();
        assertThat(calibration.assumed()).isEqualTo((int) assumed);
        assertThat(calibration.measured() + calibration.assumed())
                .isEqualTo(profile.facts().size());
        return profile;
    }

    private static MachineProfile.Fact fact(MachineProfile profile, String key) {
        return profile.facts().stream()
                .filter(fact -> fact.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    private static NativeCosts with(NativeCosts round, String name, UnaryOperator<CostSample> change) {
        Map<String, CostSample> samples = new HashMap<>(round.samples());
        CostSample changed = change.apply(samples.remove(name));
        if (changed != null) {
            samples.put(name, changed);
        }
        return new NativeCosts(round.tscHz(), round.clockHz(), samples, round.numbers());
    }

    @Test
    void everyNumberOfAProfileIsWrittenAndReadBack() throws IOException {
        MachineProfile profile = profile(ZEN5, FACTS, recorded());
        assertThat(profile.name()).isEqualTo("here");
        assertThat(profile.validated()).isFalse();
        Set<String> keys =
                profile.facts().stream().map(MachineProfile.Fact::key).collect(Collectors.toSet());
        Set<String> known = new HashSet<>();
        ProfileReader.shipped("generic-64").facts().forEach(fact -> known.add(fact.key()));
        assertThat(keys).containsAll(known);
        known.addAll(ProfileReader.OPTIONAL);
        assertThat(known).containsAll(keys);
        assertThat(Files.readString(folder.resolve("here.toml")))
                .contains("vendor = \"AuthenticAMD\"\nfamily = \"26\"\nmodel = \"2\"");
    }

    /** What the interrupt costs on both its ends: the one who sends it less what the call takes anyway. */
    @Test
    void anInterruptCostsWhoSendsItAndWhoGetsIt() throws IOException {
        NativeCosts sent = with(recorded(), "futex_wake_idle_call", none -> CostSample.count(22_422.5));
        MachineProfile profile = profile(ZEN5, FACTS, sent);
        assertThat(fact(profile, "kernel.ipi_send").value()).isEqualTo(22_000);
        assertThat(fact(profile, "kernel.ipi_handler").value()).isEqualTo(17_654);
        assertThat(fact(profile, "kernel.ipi_send").assumed()).isFalse();
        assertThat(fact(profile(ZEN5, FACTS, recorded()), "kernel.ipi_send").assumed())
                .as("where nobody measured it, it is that of the shipped profile")
                .isTrue();
    }

    @Test
    void noOperationsThatGoInPairsDoNotMakeACoreWider() throws IOException {
        NativeCosts zen4 = with(recorded(), "nop", nop -> nop.times(0.5, nop.unit()));
        assertThat(profile(ZEN5, FACTS, zen4).cost("core.dispatch_width")).isEqualTo(6);
    }

    /** Recorded on a Zen 5: an exchange takes 12.6 of the time stamp counter's cycles, with twelve stores 16.4. */
    @Test
    void whoIsHeldUpByStoresExecutesLockedOperationsAsTheOldest() throws IOException {
        assertThat(profile(ZEN5, FACTS, recorded()).cost("core.locked_oldest")).isEqualTo(1);
        CostSample alone = recorded().get("xchg");
        NativeCosts zen4 = with(recorded(), "xchg_and_12_stores", stores -> alone);
        assertThat(profile(ZEN5, FACTS, zen4).cost("core.locked_oldest")).isZero();
        assertThat(profile(ZEN5, FACTS, recorded()).cost("core.exchange"))
                .isCloseTo(alone.p50() * recorded().coreCyclesPerTsc(), within(0.01));
    }

    /** Recorded figures know no store beside an exchange; on a Granite Rapids one costs it 6.7 cycles. */
    @Test
    void storesThatHoldAnExchangeUpForLongLeaveTheStoreBufferLate() throws IOException {
        double perTsc = recorded().coreCyclesPerTsc();
        CostSample alone = recorded().get("xchg");
        NativeCosts late = with(recorded(), "xchg_and_store", none -> alone.less(-6.7 / perTsc));
        NativeCosts soon = with(recorded(), "xchg_and_store", none -> alone.less(-0.5 / perTsc));
        assertThat(profile(ZEN5, FACTS, late).cost("core.store_leaves")).isCloseTo(6.7, within(0.1));
        assertThat(profile(ZEN5, FACTS, soon).costs()).doesNotContainKey("core.store_leaves");
        assertThat(profile(ZEN5, FACTS, recorded()).costs()).doesNotContainKey("core.store_leaves");
    }

    /** As of a Zen 3, in a round of its own and in one in which a neighbour on the core took half of most entries. */
    @Test
    void entriesAreThoseOfTheRoundsThatHadTheCoreToThemselves() throws IOException {
        NativeCosts quiet = between(250, 119, 10, 64, 47);
        NativeCosts busy = between(124, 104, 9, 34, 25);
        MachineProfile profile = profile(ZEN5, FACTS, busy, quiet, busy, quiet);
        assertThat(profile.cost("core.window")).isEqualTo(252);
        assertThat(profile.cost("core.registers")).isEqualTo(121);
        assertThat(profile.cost("core.locked_registers"))
                .as("11.5 for one of 10.5 groups")
                .isEqualTo(2);
        assertThat(profile.cost("core.store_buffer")).isEqualTo(64);
        assertThat(profile.cost("core.taken_in_flight")).isEqualTo(47);
        assertThat(fact(profile, "core.window").source()).endsWith("4 rounds, 126 to 252");
    }

    /** As of a Skylake, on half of whose rounds another guest had the core's other hardware thread. */
    @Test
    void whatACoreDoesInACycleIsThatOfTheRoundsThatHadItToThemselves() throws IOException {
        NativeCosts quiet = recorded();
        NativeCosts busy = quiet;
        for (String name : List.of("nop", "mixed_independent", "jump", "turn", "store_independent")) {
            busy = with(busy, name, sample -> sample.times(2, sample.unit()));
        }
        busy = with(busy, "longest_predicted_trip", trip -> CostSample.count(8));
        MachineProfile alone = profile(ZEN5, FACTS, quiet);
        MachineProfile both = profile(ZEN5, FACTS, busy, quiet, busy, quiet);
        for (String key : List.of(
                "core.dispatch_width",
                "core.taken_branches_per_cycle",
                "core.stores_per_cycle",
                "core.max_predicted_trip")) {
            assertThat(both.cost(key)).as(key).isEqualTo(alone.cost(key));
        }
        assertThat(profile(ZEN5, FACTS, busy).cost("core.dispatch_width"))
                .isLessThan(alone.cost("core.dispatch_width"));
    }

    @Test
    void registersThatOutlastTheWindowAreNoLimit() throws IOException {
        MachineProfile profile =
                profile(new Host("Nobody", 1, 1, 1e9, List.of(0)), FACTS, between(250, 248, 20, 64, 47));
        assertThat(profile.costs()).doesNotContainKeys("core.registers", "core.locked_registers");
    }

    /**
     * As of a Zen 3; where locked operations execute as the oldest, no-operations beside them say nothing of dispatch.
     */
    @Test
    void whatACompareAndSwapTakesOfDispatchIsMeasuredWhereItDoesNotWaitToBeTheOldest() throws IOException {
        double perTsc = recorded().coreCyclesPerTsc();
        NativeCosts round = with(recorded(), "nops_200", none -> new CostSample("tsc", 1, 35 / perTsc, 40));
        round = with(round, "lock_cmpxchg_and_200_nops", none -> new CostSample("tsc", 1, 37 / perTsc, 40));
        round = with(round, "lock_cmpxchg16b_and_200_nops", none -> new CostSample("tsc", 1, 42.5 / perTsc, 50));
        CostSample alone = recorded().get("xchg");
        MachineProfile zen3 = profile(ZEN5, FACTS, with(round, "xchg_and_12_stores", stores -> alone));
        assertThat(zen3.cost("core.locked_dispatch")).isCloseTo(2, within(0.01));
        assertThat(zen3.cost("core.locked_128_dispatch")).isCloseTo(7.5, within(0.01));
        assertThat(profile(ZEN5, FACTS, round).costs())
                .doesNotContainKeys("core.locked_dispatch", "core.locked_128_dispatch");
    }

    private static NativeCosts between(int mixture, int additions, int groups, int stores, int jumps) {
        NativeCosts round = recorded();
        Map<String, Integer> counts = Map.of(
                "window_mixture", mixture,
                "window_additions", additions,
                "window_additions_and_locked", groups,
                "window_stores", stores,
                "window_jumps", jumps);
        for (Map.Entry<String, Integer> count : counts.entrySet()) {
            round = with(round, count.getKey(), none -> CostSample.count(count.getValue()));
        }
        return round;
    }

    /** Blocks of six operations and of nine at eight a cycle, a jump among them. */
    @Test
    void whatATakenBranchCostsBeyondItsDispatchIsTheMeanOfTwoBlocks() throws IOException {
        double perTsc = recorded().coreCyclesPerTsc();
        NativeCosts five = with(recorded(), "jump_over_five", none -> new CostSample("tsc", 1, 1.25 / perTsc, 2));
        NativeCosts both = with(five, "jump_over_eight", none -> new CostSample("tsc", 1, 1.375 / perTsc, 2));
        assertThat(profile(ZEN5, FACTS, both).cost("core.taken_branch_bubble")).isCloseTo(0.375, within(0.001));
    }

    /** Seen on a Zen 3: 17 cycles for a line that the other CPU wrote, where a hit of the second cache takes 9. */
    @Test
    void aRoundWithBothCpusOnOneCoreSaysNothingOfTransfers() throws IOException {
        CostSample second = recorded().get("load_128_kib");
        NativeCosts together = with(recorded(), "load_dirty_at_random", dirty -> second.times(1.9, "tsc"));
        MachineProfile alone = profile(ZEN5, FACTS, recorded());
        assertThat(profile(ZEN5, FACTS, together, together, recorded()).cost("transfer.same_l3"))
                .isEqualTo(alone.cost("transfer.same_l3"));
        MachineProfile none = profile(ZEN5, FACTS, together);
        for (String key : List.of("same_l3", "other_l3", "upgrade_factor", "migratory", "jitter")) {
            assertThat(fact(none, "transfer." + key).assumed()).as(key).isTrue();
        }
    }

    /** On a Zen 5 40.9 cycles beside each other, 62.7 apart. */
    @Test
    void aLineBringsItsNeighbourWhereLinesBesideEachOtherTakeLess() throws IOException {
        CostSample apart = recorded().get("load_dirty_at_random");
        NativeCosts found = with(recorded(), "load_dirty_neighbours", none -> apart.times(0.65, "tsc"));
        NativeCosts none = with(recorded(), "load_dirty_neighbours", any -> apart.times(0.97, "tsc"));
        assertThat(profile(ZEN5, FACTS, found).cost("core.neighbour_lines")).isEqualTo(1);
        assertThat(profile(ZEN5, FACTS, found, none, none).cost("core.neighbour_lines"))
                .isZero();
        NativeCosts together =
                with(found, "load_dirty_at_random", any -> recorded().get("load_128_kib"));
        assertThat(fact(profile(ZEN5, FACTS, found), "core.neighbour_lines").assumed())
                .isFalse();
        assertThat(fact(profile(ZEN5, FACTS, together), "core.neighbour_lines").assumed())
                .as("both CPUs were one core")
                .isTrue();
    }

    @Test
    void figuresAreWhatTheDriverMeasuredByTheRulesOfTheShippedProfiles() throws IOException {
        NativeCosts round = recorded();
        MachineProfile profile = profile(ZEN5, FACTS, round);
        double core = round.coreCyclesPerTsc();
        assertThat(profile.clockHz()).isCloseTo((long) round.clockHz(), within(1000L));
        assertThat(profile.cpus()).isEqualTo(2);
        assertThat(profile.cost("core.locked"))
                .isCloseTo(round.get("lock_cmpxchg").p50() * core, within(0.01));
        assertThat(profile.cost("kernel.switch"))
                .isCloseTo(
                        (round.get("sched_yield_switch").p50()
                                        - round.get("sched_yield_alone").p50())
                                * core,
                        within(2.0));
        assertThat(profile.cost("kernel.timer_lateness"))
                .isCloseTo(round.get("timer_signal_lateness").p50() * profile.clockHz() / 1e9, within(50.0));
        assertThat(profile.cost("core.store_forward")).isZero();
        assertThat(profile.cost("core.store_forward_predicted")).isEqualTo(1);
        assertThat(profile.cost("core.taken_branches_per_cycle"))
                .as("a jump takes 0.55 cycles")
                .isEqualTo(1.8);
        assertThat(profile.cost("core.dispatch_width")).isEqualTo(8);
        assertThat(profile.cost("core.max_predicted_trip")).isEqualTo(128);
        assertThat(profile.cost("kernel.hz")).isEqualTo(250);
        assertThat(profile.cost("kernel.noise_per_s")).isEqualTo(25.5);
        assertThat(profile.l1Bytes()).isEqualTo(48 << 10);
        assertThat(profile.l3Bytes()).as("what others leave of 32 MiB").isEqualTo(2 << 20);
        assertThat(fact(profile, "core.locked").source()).contains("lock_cmpxchg");
        assertThat(fact(profile, "core.locked").assumed()).isFalse();
    }

    @Test
    void whatNoProbeFoundIsAssumedWithTheReasonAndTheProfileItIsFrom() throws IOException {
        NativeCosts round = with(recorded(), "abort", sample -> null);
        MachineProfile profile = profile(ZEN5, FACTS, round);
        MachineProfile.Fact abort = fact(profile, "kernel.abort");
        assertThat(abort.assumed()).isTrue();
        assertThat(abort.source()).contains("does not let it be measured; turin-vm-2 says: ");
        assertThat(profile.cost("kernel.abort") / profile.clockHz())
                .as("as long as on the machine it comes from")
                .isCloseTo(177 / 2.5961e9, within(1e-10));
        assertThat(fact(profile, "core.window").assumed()).isTrue();
        assertThat(fact(profile, "topology.cpus_per_l3").source()).contains("hypervisor");
    }

    @Test
    void aProcessorThatNoProfileKnowsIsFilledUpFromTheGenericOne() throws IOException {
        CalibrationRules.HostFacts bare =
                new CalibrationRules.HostFacts(8, false, List.of(new HostCache(3, 8 << 20, 16, 4)), null);
        MachineProfile profile = profile(new Host("Nobody", 1, 1, 1e9, List.of(0)), bare, recorded());
        assertThat(fact(profile, "core.window").source()).contains("generic-64 says: ");
        assertThat(profile.clusterOf(3)).isZero();
        assertThat(profile.clusterOf(4)).isEqualTo(1);
        assertThat(fact(profile, "l1.bytes").source()).startsWith("the kernel does not say");
        assertThat(fact(profile, "kernel.noise_per_s").assumed()).isTrue();
    }

    @Test
    void aRoundThatWasDisturbedDoesNotShow() throws IOException {
        NativeCosts round = recorded();
        UnaryOperator<CostSample> slowed = sample -> sample.times(10, sample.unit());
        MachineProfile quiet = profile(ZEN5, FACTS, round);
        MachineProfile disturbed = profile(
                ZEN5, FACTS, round, with(round, "load_2_mib", slowed), with(round, "load_2_mib", slowed), round);
        assertThat(disturbed.l3Cycles()).isEqualTo(quiet.l3Cycles());
        assertThat(fact(disturbed, "l3.latency").source()).contains("4 rounds, ");
    }

    @Test
    void aDifferenceThatADisturbanceMayLessenIsTheMedianOfAllRounds() throws IOException {
        NativeCosts round = recorded();
        double abort = round.get("abort").p50();
        MachineProfile profile =
                profile(ZEN5, FACTS, with(round, "abort", sample -> new CostSample("tsc", 0, 1, 2)), round, round);
        assertThat(fact(profile, "kernel.abort").value()).isCloseTo(abort, within(0.1));
    }

    @Test
    void nearAndFarAreNeverMixed() throws IOException {
        NativeCosts near = recorded();
        NativeCosts far = with(
                with(near, "line_ping_pong_one_way", sample -> sample.times(4.5, "tsc")),
                "load_dirty_at_random",
                sample -> sample.times(6, "tsc"));
        double cost = near.get("load_dirty_at_random").p50();
        MachineProfile both = profile(ZEN5, FACTS, near, far, far);
        assertThat(fact(both, "transfer.same_l3").value()).isCloseTo(cost, within(0.1));
        assertThat(fact(both, "transfer.other_l3").value()).isCloseTo(6 * cost, within(0.6));
        MachineProfile nearOnly = profile(ZEN5, FACTS, near);
        assertThat(fact(nearOnly, "transfer.other_l3").assumed()).isTrue();
        assertThat(fact(nearOnly, "transfer.other_l3").source()).startsWith("no round found the CPUs far apart");
    }

    @Test
    void timesHaveASpreadAndCountsNone() throws IOException {
        profile(ZEN5, FACTS, recorded());
        List<String> lines = Files.readAllLines(folder.resolve("here.toml"));
        List<String> spread = new ArrayList<>();
        lines.stream().filter(line -> line.contains("low = ")).forEach(line -> spread.add(line.split(" ")[0]));
        assertThat(spread)
                .contains("locked", "fence", "syscall", "signal", "abort", "ipi")
                .doesNotContain("hz", "ways");
    }

    @Test
    void anAnswerOfAnotherVersionIsRefused() {
        assertThatThrownBy(() -> NativeCosts.parse("{\"format\":2,\"costs\":{}}"))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("another format");
        assertThatThrownBy(() -> NativeCosts.parse("nonsense"))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("cannot be read");
    }
}
