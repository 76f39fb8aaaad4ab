package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.CentralPool;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.PageHeap;
import java.util.List;
import java.util.function.IntToLongFunction;

/** Parameters that several strategies declare alike, and what they come to for each size class. */
final class Parameters {
    static final String CAP = "cap";
    static final String REFILL = "refill";
    static final String FLUSH = "flush";
    static final String BUDGET = "budget";
    static final String BATCH = "batch";
    static final String INDEX = "index";
    static final String CID = "cid";
    static final String GETCPU = "getcpu";
    static final String REFRESH = "refresh";
    static final String PAGE = "page";
    static final String RETIRE = "retire";
    static final String SPANS = "spans";
    static final String RETURNED = "returned";
    static final String PAGE_SHIFT = "page_shift";

    private static final Parameter CAP_PARAMETER =
            Parameter.count(CAP, "blocks", 256, 1, 1_000_000, "most blocks a list may hold");
    private static final Parameter REFILL_PARAMETER =
            Parameter.count(REFILL, "blocks", 32, 1, 1_000_000, "blocks taken from the central pool at a time");
    private static final Parameter FLUSH_PARAMETER = Parameter.count(
            FLUSH, "blocks", 128, 1, 1_000_000, "blocks given to the central pool at a time, the freed one included");
    private static final Parameter BUDGET_PARAMETER = Parameter.count(
            BUDGET,
            "bytes",
            0,
            0,
            1L << 40,
            "bytes that all lists of a size may hold together, shared out evenly: instead of cap, and refill and flush"
                    + " are at most half of a list; 0 for none");
    static final Parameter BATCH_PARAMETER = Parameter.count(
            BATCH, "blocks", 64, 1, 1_000_000, "foreign blocks pending, over all owners, before they are posted");
    static final Parameter INDEX_PARAMETER = Parameter.choice(
            INDEX,
            List.of("cpu", CID),
            "what lists are by: the CPU's number, or the concurrency id that the kernel gives (mm_cid)");
    /** The same of lists with locks, to which an old number does no harm. */
    static final Parameter LOCKED_INDEX_PARAMETER = Parameter.choice(
            INDEX,
            List.of("cpu", CID, GETCPU),
            "what lists are by: the CPU's number from the rseq area, the concurrency id that the kernel gives (mm_cid),"
                    + " or the CPU's number from the vDSO's getcpu");

    static final Parameter REFRESH_PARAMETER = Parameter.count(
            REFRESH, "uses", 1, 1, 1_000_000, "index=getcpu: it is asked anew every so many times its number is used");
    static final Parameter PAGE_PARAMETER =
            Parameter.count(PAGE, "bits", 16, 13, 20, "the smallest page has 2^page bytes");

    static final Parameter RETIRE_PARAMETER = Parameter.count(
            RETIRE,
            "times",
            16,
            0,
            1000,
            "pages of any size are made before an empty one goes back that is its size's only one, a quarter as often"
                    + " where blocks are larger than 1024 bytes; others go back at once; 0: all stay");

    static final Parameter SPANS_PARAMETER = Parameter.choice(
            SPANS,
            List.of(RETURNED, "kept"),
            "what becomes of a span all of whose blocks are in the central list: it goes to the page heap, where any"
                    + " size finds it, or stays");
    static final Parameter PAGE_SHIFT_PARAMETER = Parameter.count(
            PAGE_SHIFT, "bits", 13, 12, 18, "a page of the page heap has 2^page_shift bytes; spans are whole pages");

    /** Strategies with capped lists. */
    static final List<Parameter> CAPPED = List.of(CAP_PARAMETER, REFILL_PARAMETER, FLUSH_PARAMETER, BUDGET_PARAMETER);
    /** Strategies with uncapped lists. */
    static final List<Parameter> UNCAPPED = List.of(REFILL_PARAMETER);
    /** Strategies that send messages. */
    static final List<Parameter> MESSAGES = List.of(BATCH_PARAMETER, REFILL_PARAMETER);

    private Parameters() {}

    /**
     * What cap, refill, flush and budget come to for each size class. With one class and no budget they are taken as
     * they are. With several, the cap is so many blocks as {@code cap} blocks of a line have bytes, or as the budget
     * allows, and refill and flush move at most half of that.
     */
    static final class Caps {
        private static final int LEAST = 2;

        private final Settings settings;
        private final StrategyContext context;
        private final BlockClasses classes;
        private final long bytes;
        private final boolean asGiven;

        /** @param lists among how many lists of a size the budget is shared out */
        Caps(Settings settings, StrategyContext context, BlockClasses classes, int lists) {
            this.settings = settings;
            this.context = context;
            this.classes = classes;
            long budget = settings.count(BUDGET);
            bytes = budget > 0 ? budget / lists : settings.count(CAP) * Layout.LINE;
            asGiven = budget == 0 && classes.single();
        }

        private long blocks(int blockBytes) {
            return asGiven ? settings.count(CAP) : Math.max(LEAST, Math.min(bytes / blockBytes, Integer.MAX_VALUE));
        }

        private ClassTable part(String name) {
            long count = settings.count(name);
            return table(context, classes, size -> asGiven ? count : Math.min(count, blocks(size) / 2));
        }

        /** Most blocks of a list. */
        ClassTable cap() {
            return table(context, classes, this::blocks);
        }

        /** Blocks of a refill. */
        ClassTable refill() {
            return part(REFILL);
        }

        /** Blocks of a flush. */
        ClassTable flush() {
            return part(FLUSH);
        }
    }

    /** Blocks of a refill of a list without cap: with several classes at most a span. */
    static ClassTable uncappedRefill(Settings settings, StrategyContext context, BlockClasses classes) {
        long refill = settings.count(REFILL);
        return table(context, classes, bytes -> {
            long span = Math.max(1, CentralPool.SPAN_BYTES / bytes);
            return classes.single() ? refill : Math.min(refill, span);
        });
    }

    private static ClassTable table(StrategyContext context, BlockClasses classes, IntToLongFunction ofBytes) {
        return new ClassTable(context.layout(), classes, i ->
                (int) ofBytes.applyAsLong(classes.sizes().bytes(i)));
    }

    /**
     * The page heap that the settings ask for.
     *
     * @param wait pages that come back for each that goes to the system, 0 for none
     */
    static PageHeap pageHeap(Settings settings, Layout layout, int wait) {
        return new PageHeap(layout, (int) settings.count(PAGE_SHIFT), settings.chooses(SPANS, RETURNED), wait);
    }
}
