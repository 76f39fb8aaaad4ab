package io.rseqlab.collector.strategy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Strategies as they are by default, and with lists and batches so short that the slow paths are common. */
public final class TightSettings {
    /** Parameters that make slow paths common. */
    private static final List<String> TIGHT = List.of(
            "cap=9",
            "refill=5",
            "flush=4",
            "batch=3",
            "pages=3",
            "thread_least=1024",
            "thread_most=4096",
            "total=12288",
            "slots=1",
            "thread_bytes=512",
            "cpu_bytes=2048",
            "depth=2",
            "cpu_budget=1024",
            "first_capacity=40",
            "transfer=1",
            "remote_cache=256",
            "slot_bits=1",
            "rings=1",
            "wake=2",
            "chunk=14",
            "receive=256",
            "delayed_every=2",
            "tcache_cap=5",
            "tcache_bytes=700",
            "arenas=2",
            "extend=256",
            "page=13",
            "page_shift=12",
            "release=8192",
            "release_rate=1000",
            "decay_us=100",
            "retain=1",
            "retire=3",
            "collect_every=10",
            "discard_at=4");

    private TightSettings() {}

    /** By default, tight, and the further settings of a strategy that has a choice. */
    public static List<String> all(AllocatorStrategy strategy) {
        return Stream.concat(Stream.of(strategy.id(), tight(strategy)), others(strategy).stream())
                .toList();
    }

    /** Further settings of strategies that have a choice. */
    private static List<String> others(AllocatorStrategy strategy) {
        if (has(strategy, "background_us")) {
            String settings = tight(strategy) + ",background_us=1";
            return List.of(
                    tight(strategy) + ",index=cid",
                    tight(strategy) + ",transfer_by=l3",
                    settings + ",shift=14,transfer_by=l3",
                    settings + ",shift=16,shift_least=15,shift_most=16,index=cid");
        }
        if (has(strategy, "sync")) {
            return List.of(
                    tight(strategy) + ",warm=1", tight(strategy) + ",sync=htm", tight(strategy) + ",warm=1,sync=htm");
        }
        if (has(strategy, "warm")) {
            return List.of(tight(strategy) + ",warm=1");
        }
        if (has(strategy, "index") && has(strategy, "refresh")) {
            return List.of(tight(strategy) + ",index=cid", tight(strategy) + ",index=getcpu,refresh=4");
        }
        if (has(strategy, "index")) {
            return List.of(tight(strategy) + ",index=cid");
        }
        List<String> arenas = ofArenas(strategy.id());
        if (!arenas.isEmpty()) {
            return arenas;
        }
        if (strategy.id().equals("mimalloc")) {
            return List.of(
                    "mimalloc:delayed=off,extend=256",
                    "mimalloc:delayed=off,page=13,extend=64,retire=1",
                    "mimalloc:page=13,delayed_every=3,collect_every=6,retire=2",
                    "mimalloc:page=13,retire=0");
        }
        if (strategy.id().equals("global-mutex")) {
            return List.of("global-mutex:lock=spin-futex,spins=3,refill=5", "global-mutex:lock=spin,refill=5");
        }
        if (strategy.id().equals("rpmalloc")) {
            return List.of("rpmalloc:page=13,extend=64,discard_at=1", "rpmalloc:page=13,extend=256,free_pages=kept");
        }
        if (has(strategy, "reclaim")) {
            return List.of(
                    tight(strategy) + ",reclaim=any", strategy.id() + ":page=13,retain=0,reclaim=never,retire=1");
        }
        return has(strategy, "rings")
                ? List.of(
                        strategy.id() + ":rings=0,remote_cache=512,slot_bits=2",
                        strategy.id() + ":rings=2,remote_cache=2048,slot_bits=1,keep=0",
                        strategy.id() + ":rings=0,remote_cache=256,slot_bits=2,keep=1,wake=8")
                : List.of();
    }

    /** Of caches before arenas. */
    private static List<String> ofArenas(String id) {
        if (id.equals("arena-tcache")) {
            return List.of(
                    "arena-tcache:gc_bytes=0,cache=list,tcache_cap=6,tcache_bytes=500,fill=freed,spill=half,key=1,"
                            + "lock=arena,tcache_largest=300,slabs=none",
                    "arena-tcache:tcache_cap=6,lock=arena,arenas=3,superblock=8192,emptiness=3,gc_bytes=900,gc_us=0");
        }
        if (id.equals("glibc")) {
            return List.of(
                    "glibc:tcache_cap=2,arenas=2,trim=1",
                    "glibc:tcache_cap=1,arenas=3,tcache_largest=5000,trim=0",
                    "glibc:tcache_cap=4,arenas=2,chunks=none");
        }
        if (id.equals("jemalloc")) {
            return List.of(
                    "jemalloc:gc_bytes=400,gc_us=1,gc_sizes=2,fill_largest=200,tcache_largest=400,tcache_cap=12",
                    "jemalloc:gc_bytes=300,gc_us=0,gc_sizes=0,tcache_bytes=3000,arenas=2,fill=one",
                    "jemalloc:tcache_cap=4,arenas=2,lock=arena,slabs=kept",
                    "jemalloc:tcache_cap=4,arenas=2,slabs=none",
                    "jemalloc:tcache_cap=3,arenas=3,wait=spin,decay_us=0");
        }
        if (id.equals("hoard")) {
            return List.of(
                    "hoard:tcache_cap=2,arenas=3,superblock=8192,empty=returned",
                    "hoard:tcache_cap=2,arenas=2,superblock=8192,emptiness=2",
                    "hoard:tcache_cap=1,arenas=1,superblock=16384,emptiness=2,fill=half,empty=returned");
        }
        return List.of();
    }

    private static boolean has(AllocatorStrategy strategy, String parameter) {
        return strategy.parameters().stream().anyMatch(one -> one.name().equals(parameter));
    }

    /** Slow paths are common. */
    public static String tight(AllocatorStrategy strategy) {
        Set<String> names = new HashSet<>();
        strategy.parameters().forEach(parameter -> names.add(parameter.name()));
        List<String> values = TIGHT.stream()
                .filter(value -> names.contains(value.substring(0, value.indexOf('='))))
                .toList();
        return strategy.id() + ":" + String.join(",", values);
    }
}
