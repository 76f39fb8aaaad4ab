package io.rseqlab.collector.workload;

import java.util.List;
import java.util.Map;

/** Every workload with settings in which a few hundred operations reach every corner; replay needs a trace. */
public final class SmallWorkloads {
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("churn", "handoff=0.4"),
            Map.entry("sized-churn", "live=12,most=300,handoff=0.3"),
            Map.entry("producer-consumer", ""),
            Map.entry("xmalloc-test", "batch=7,waiting=2,size=0"),
            Map.entry("larson", "slots=20,rounds=2,most=300"),
            Map.entry("turnover", "live=9,life=30,most=300,left=0.5"),
            Map.entry("msgpass", "batch=5,outstanding=40"),
            Map.entry("symmetric", "slots=9,size=90"),
            Map.entry("idle-owner", "slots=9,owners=2,owned=30,idle_us=300"),
            Map.entry("glibc-simple", "live=9"),
            Map.entry("glibc-thread", "slots=20,most=900"),
            Map.entry("cache-scratch", "touches=3"),
            Map.entry("cache-thrash", "touches=3"),
            Map.entry("sketch", "live=5,handoff=0.4,think=3,p50=40,p90=200,p99=500,burst=20,pause_us=1,sleepers=1"),
            Map.entry("generator", "live=6,most=300,remote=0.4,batch=3,to=random,death=300,burst=20,pause_us=1"),
            Map.entry("mstress", "scale=1,cells=20,largest=9000"),
            Map.entry("rptest", "slots=100,most=900,handed=7"),
            Map.entry("migration", "batch=9,most=300,cells=3"),
            Map.entry("alloc-test", "slots=64"),
            Map.entry("empirical", "live=60,largest=3000,handoff=0.3"),
            Map.entry("task-pool", "tasks=5,live=4,requests=3,most=300"),
            Map.entry("requests", "rate=1e6,objects=7,think=5,size=200,handoff=0.5"),
            Map.entry("bursts", "live=6,burst=10,pause_us=1"));

    private SmallWorkloads() {}

    /** As they are written on the command line; one that is not listed here fails. */
    public static List<String> all() {
        return Workloads.ALL.stream()
                .map(Workload::id)
                .filter(id -> !id.equals("replay"))
                .map(SmallWorkloads::of)
                .toList();
    }

    private static String of(String id) {
        if (!SETTINGS.containsKey(id)) {
            throw new AssertionError("workload " + id + " needs a line in SmallWorkloads");
        }
        return id + ":" + SETTINGS.get(id);
    }
}
