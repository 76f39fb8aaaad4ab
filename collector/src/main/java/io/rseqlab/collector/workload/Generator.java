package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import java.util.List;

/**
 * What generators of allocation patterns can be told, each by a setting of its own: how sizes are spread, how long
 * objects live, how many go to another thread, to whom, how many at a time, how much of an object is written and read,
 * how long threads live, and whether they pause. A step is {@code order}'s: free an object of the thread's own and
 * allocate another, which is kept or, as likely as {@code remote} says, given away; then what came from others is
 * freed. What a thread does in a step is in {@link GeneratorInstance}, how objects get from one to another in
 * {@link GeneratorMail}.
 *
 * <p>Source: the knobs that the workloads of mimalloc-bench, snmalloc and fleetbench have in common. An operation is an
 * allocation.
 */
final class Generator implements Workload {
    static final String LIVE = "live";
    static final String LAW = "law";
    static final String LEAST = "least";
    static final String MOST = "most";
    static final String LIST = "list";
    static final String DISTRIBUTION = "dist";
    static final String ORDER = "order";
    static final String REMOTE = "remote";
    static final String TO = "to";
    static final String BATCH = "batch";
    static final String PRODUCERS = "producers";
    static final String BIRTH = "birth";
    static final String DEATH = "death";
    static final String THINK = "think";
    static final String LIFE = "life";
    static final String GAP = "gap_us";
    static final String AT_END = "at_end";
    static final String BURST = "burst";
    static final String PAUSE = "pause_us";

    static final String QUEUE = "queue";

    private final SizeTable table;

    Generator() {
        this(SizeTable.OWN);
    }

    private Generator(SizeTable table) {
        this.table = table;
    }

    @Override
    public String id() {
        return "generator";
    }

    @Override
    public String summary() {
        return "a pattern put together of sizes, lifetimes, hand-over, touches, ends of threads and pauses";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(
                        LIVE, "objects", 64, 1, 65_536, "slots per thread; with order=births objects on average"),
                Parameter.choice(
                        LAW,
                        List.of("uniform", "fixed", "linear", "power", "list", "table"),
                        "sizes from least to most alike likely, all of most, falling in a straight line, as 1/s²; those"
                                + " of list; those of dist by their rates"),
                Parameter.count(LEAST, "bytes", 16, 1, 1 << 20, "smallest object"),
                Parameter.count(MOST, "bytes", 1024, 1, 1 << 20, "largest object"),
                Parameter.text(LIST, "BYTES/BYTES", "with law=list: sizes, alike likely"),
                Parameter.text(
                        DISTRIBUTION,
                        "FILE",
                        "with law=table: lines of 'bytes, rate of allocations, live objects'; without one a table of"
                                + " our own; run.json names it by its content digest"),
                Parameter.choice(
                        ORDER,
                        List.of("random", "fifo", "lifo", "pareto", "births"),
                        "which object goes next: any, the oldest, the newest after all are filled, one by a Pareto law;"
                                + " or births at one rate and deaths at one for each that lives"),
                Parameter.share(REMOTE, 0, "share of the objects that are given away instead of kept"),
                Parameter.choice(
                        TO,
                        List.of("next", "random", QUEUE),
                        "to whom: the next thread, any other, or whoever takes them from what all share"),
                Parameter.count(BATCH, "objects", 1, 1, 4096, "objects that are given away at a time"),
                Parameter.count(
                        PRODUCERS,
                        "threads",
                        0,
                        0,
                        16_384,
                        "with to=queue: so many threads only allocate and give all away, the others only free"),
                Parameter.count(BIRTH, "bytes", 64, 1, 1 << 20, "of a new object, in whose lines a word is written"),
                Parameter.count(
                        DEATH, "bytes", 64, 1, 1 << 20, "of an object, in whose lines a word is read at its end"),
                Parameter.count(THINK, "turns", 0, 0, 1_000_000_000, "turns of an empty loop per step"),
                Parameter.count(LIFE, "steps", 0, 0, 1 << 30, "steps after which a thread ends; 0: never"),
                Parameter.count(GAP, "us", 20, 1, 1_000_000, "from the end of a thread to the beginning of the next"),
                Parameter.choice(
                        AT_END,
                        List.of("leave", "free"),
                        "what an ending thread does with its objects: leave them to one that begins"),
                Parameter.count(BURST, "steps", 0, 0, 1 << 30, "steps between pauses; 0 for no pauses"),
                Parameter.count(PAUSE, "us", 500, 1, 1_000_000, "how long a thread pauses"));
    }

    @Override
    public void check(Settings settings) {
        settings.requireAtMost(LEAST, MOST);
        boolean list = settings.choice(LAW).equals("list");
        if (list == settings.text(LIST).isEmpty()) {
            throw new UsageException("generator: law=list and list=BYTES/BYTES need each other");
        }
        if (!settings.text(DISTRIBUTION).isEmpty() && !settings.choice(LAW).equals("table")) {
            throw new UsageException("generator: dist=FILE needs law=table");
        }
        if (settings.count(PRODUCERS) > 0 && !settings.choice(TO).equals(QUEUE)) {
            throw new UsageException("generator: producers needs to=queue");
        }
        if (settings.count(PRODUCERS) > 0 && settings.count(LIFE) > 0) {
            throw new UsageException("generator: producers and life do not go together: producers keep no objects");
        }
    }

    @Override
    public Workload bind(Settings settings) {
        return settings.text(DISTRIBUTION).isEmpty()
                ? this
                : new Generator(SizeTable.read(settings.text(DISTRIBUTION)));
    }

    @Override
    public Settings identity(Settings settings) {
        return settings.text(DISTRIBUTION).isEmpty()
                ? settings
                : settings.withText(DISTRIBUTION, "sha256-" + table.digest().substring(0, 32));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return GeneratorSizes.classes(GeneratorSizes.quantiles(settings, table));
    }

    @Override
    public boolean threadsEnd(Settings settings) {
        return settings.count(LIFE) > 0;
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new GeneratorInstance(settings, context, GeneratorSizes.quantiles(settings, table));
    }
}
