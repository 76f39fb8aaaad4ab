package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A core's state is complete: whatever field a core gets, somebody has to say what becomes of it in a period. */
class CoreStateTest {
    private static final Set<String> COMPARED = Set.of(
            "mode",
            "thread",
            "forceIn",
            "pendingLine",
            "ready",
            "ring",
            "storeRing",
            "takenRing",
            "waitRing",
            "dispatch",
            "retireCycle",
            "retireCount",
            "lastGap",
            "takenAt",
            "fence",
            "memoryDone",
            "lockedDone",
            "drain",
            "forwardAddress",
            "forwardReady",
            "forwardUntil",
            "readFilter",
            "writeFilter",
            "wrongPath");

    /** Why the others need not be compared. */
    private static final Map<String, Set<String>> NOT_COMPARED = Map.of(
            "never change",
                    Set.of(
                            "id",
                            "machine",
                            "window",
                            "takenLimit",
                            "waitingLimit",
                            "stumbleTurn",
                            "slotUnits",
                            "retireWidth"),
            "are the thread's, which is compared", Set.of("regs"),
            "are events, or the kernel's", Set.of("interruptAt", "forced", "callNumber", "wildAddress"),
            "order turns, or end them", Set.of("key", "now", "syncLimit", "limitUnits", "landsFrom", "waitUntil"),
            "do not change without a disturbance",
                    Set.of(
                            "l1",
                            "l2",
                            "prefetcher",
                            "neighbour",
                            "transaction",
                            "metadataTransfers",
                            "objectTransfers",
                            "falseSharingTransfers",
                            "userSince",
                            "pendingUntil"),
            "belong to the pending line, or one that cores fight for",
                    Set.of(
                            "pendingArrival",
                            "loading",
                            "askedAt",
                            "lockedLine",
                            "lockedEntry",
                            "lockedFrom",
                            "heldUnits"),
            "only count",
                    Set.of("microOps", "entries", "taken", "stores", "waits", "atomics", "mispredicts", "disturbances"),
            "are counted by the kernel", Set.of("userCycles", "kernelCycles", "idleCycles", "idleSince"),
            "are scratch or a hint", Set.of("last", "history", "evenEntries", "evenUntil", "evenCycle"),
            "are looked after by Recurrence",
                    Set.of(
                            "tripCount",
                            "tripExpected",
                            "tripCandidate",
                            "tripSeen",
                            "bias",
                            "takenBeyond",
                            "neverTaken"));

    @Test
    void everyFieldOfACoreIsAccountedFor() {
        Set<String> known = new TreeSet<>(COMPARED);
        NOT_COMPARED.values().forEach(known::addAll);
        Set<String> fields = new TreeSet<>();
        for (Field field : Core.class.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                fields.add(field.getName());
            }
        }
        assertThat(fields)
                .as("a new field of Core belongs into CoreState (and into Period.skip, if it is a time), or here with"
                        + " the reason why not")
                .isEqualTo(known);
    }

    @Test
    void everyComparedFieldMakesADifference() throws ReflectiveOperationException {
        for (String name : COMPARED) {
            Core core = core();
            CoreState before = new CoreState();
            before.capture(core);
            flip(core, Core.class.getDeclaredField(name));
            CoreState after = new CoreState();
            after.capture(core);
            assertThat(after.sameAs(before)).as(name).isFalse();
        }
    }

    /** The same state some time later is the same, wherever the rings' indexes have got to. */
    @Test
    void timeDoesNotMatter() {
        Core core = core();
        CoreState before = new CoreState();
        before.capture(core);
        long by = 1000 * Core.UNIT;
        core.dispatch += by;
        core.retireCycle += 1000;
        core.takenAt += by;
        core.fence += by;
        core.memoryDone += by;
        core.lockedDone += by;
        core.drain += by;
        Arrays.setAll(core.ready, i -> core.ready[i] + by);
        Arrays.setAll(core.ring, i -> core.ring[i] + by);
        Arrays.setAll(core.storeRing, i -> core.storeRing[i] + by);
        Arrays.setAll(core.forwardReady, i -> core.forwardReady[i] + by);
        Arrays.setAll(core.forwardUntil, i -> core.forwardUntil[i] + by);
        Arrays.setAll(core.takenRing, i -> core.takenRing[i] + by);
        Arrays.setAll(core.waitRing, i -> core.waitRing[i] + by);
        core.waits += 7L * core.waitRing.length;
        core.wrongPath.shift(0, 0, by);
        core.entries += 7L * core.ring.length;
        core.taken += 7L * core.takenRing.length;
        core.wrongPath.shift(7L * core.ring.length, 7L * core.takenRing.length, 0);
        CoreState after = new CoreState();
        after.capture(core);
        assertThat(after.sameAs(before)).isTrue();
        assertThat(after.hash()).isEqualTo(before.hash());
    }

    /** Of times that have passed it does not matter how long ago. */
    @Test
    void whatHasPassedDoesNotMatter() {
        Core core = core();
        core.ready[5] = core.dispatch - 10;
        CoreState before = new CoreState();
        before.capture(core);
        core.ready[5] = core.dispatch - 5000;
        CoreState after = new CoreState();
        after.capture(core);
        assertThat(after.sameAs(before)).isTrue();
    }

    /** How long ago a store's value became known matters until the store counts as old. */
    @Test
    void theAgeOfAStoreMattersUntilItIsOld() {
        MachineProfile shipped = ProfileReader.shipped("generic-64").withCpus(1);
        Map<String, Double> costs = new HashMap<>(shipped.costs());
        costs.put("core.store_forward_done", 9.0);
        costs.put("core.store_forward_old", 4.0);
        Core core = core(new MachineProfile(
                "old stores", shipped.clockHz(), 1, 1, shipped.clustersPerSocket(), costs, shipped.facts()));
        assertThat(stored(core, 1).sameAs(stored(core, 3))).isFalse();
        assertThat(stored(core, 4).sameAs(stored(core, 300))).isTrue();
        assertThat(stored(core(), 1).sameAs(stored(core(), 3))).isTrue();
    }

    /** Behind a wrong prediction it matters how many more branches may be taken until what is lost no longer counts. */
    @Test
    void howManyBranchesWereTakenSinceAWrongPredictionMatters() {
        assertThat(captured(0, 0).sameAs(captured(5, 5))).isTrue();
        assertThat(captured(0, 0).sameAs(captured(1, 0))).isFalse();
    }

    private static CoreState captured(int takenSince, int shifted) {
        Core core = core();
        Arrays.fill(core.takenRing, 0);
        core.wrongPath.mispredicted(core.entries, core.taken, 5, core.dispatch);
        core.taken += takenSince;
        core.wrongPath.shift(0, shifted, 0);
        CoreState state = new CoreState();
        state.capture(core);
        return state;
    }

    private static CoreState stored(Core core, int cyclesAgo) {
        Arrays.fill(core.forwardReady, core.dispatch - (long) cyclesAgo * Core.UNIT);
        CoreState state = new CoreState();
        state.capture(core);
        return state;
    }

    private static void flip(Core core, Field field) throws ReflectiveOperationException {
        field.setAccessible(true);
        Class<?> type = field.getType();
        if (type.isArray()) {
            Object array = field.get(core);
            Array.setLong(array, 3, Array.getLong(array, 3) + 1);
        } else if (type == long.class) {
            field.setLong(core, field.getLong(core) + 1);
        } else if (type == WrongPath.class) {
            core.wrongPath.mispredicted(core.entries, core.taken, 5, core.dispatch);
        } else if (type == int.class) {
            field.setInt(core, field.getInt(core) + 1);
        } else if (type == Core.Mode.class) {
            field.set(core, Core.Mode.SYSCALL);
        } else {
            field.set(core, new ThreadContext(77, 0));
        }
    }

    /** A core in whose state everything matters: all times lie ahead of dispatch. */
    private static Core core() {
        MachineProfile shipped = ProfileReader.shipped("generic-64").withCpus(1);
        Map<String, Double> costs = new HashMap<>(shipped.costs());
        costs.put("core.waiting_loads", 8.0);
        return core(new MachineProfile(
                "loads wait", shipped.clockHz(), 1, 1, shipped.clustersPerSocket(), costs, shipped.facts()));
    }

    private static Core core(MachineProfile profile) {
        Assembler a = new Assembler();
        a.place(a.label("main"));
        a.jmp(a.label("main"));
        Program program = a.link();
        Machine machine =
                new Machine(profile, program, new Layout(0), null, (core, kind, argument, value, cycle) -> false, 0);
        Core core = machine.cores[0];
        core.enterUser(new ThreadContext(0, 0), 100);
        core.dispatch = 100 * Core.UNIT;
        long later = core.dispatch + 7;
        core.takenAt = later;
        core.fence = later;
        core.memoryDone = later;
        core.lockedDone = later;
        core.drain = later;
        for (long[] times : new long[][] {
            core.ready, core.ring, core.takenRing, core.storeRing, core.waitRing, core.forwardReady, core.forwardUntil
        }) {
            Arrays.fill(times, later);
        }
        return core;
    }
}
