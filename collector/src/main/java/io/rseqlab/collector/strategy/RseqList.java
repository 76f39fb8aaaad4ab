package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.RseqArea;
import io.rseqlab.collector.strategy.block.Static;
import java.util.List;

/**
 * The smallest real use of restartable sections for a per-CPU free list. One line per CPU holds the heads of eight
 * intrusive lists, one per size up to 256 bytes. The CPU's number is read inside the section, so nothing need be
 * compared: push is shift, load of the head, link, store of the head; pop the same with the load of the next node. No
 * caps, no balancing, nothing goes back: what is freed on another CPU than it was taken on is that CPU's from then on.
 * An empty list is filled with a page of its own, cut up and pushed block by block, each push a section; when so many
 * pages are taken as the limit says, and for larger blocks, it is the locked allocator, here the central pool.
 *
 * <p>Left out: the header of 16 bytes before each object (the size is found in a page map, and only where there are
 * several sizes); blocks that came from the locked allocator for want of pages are pushed like all others. Where there
 * is no rseq it takes lock-guarded arenas by sched_getcpu, as the real one does. Tiers: 0 push or pop; 1 a page was cut
 * up, or the locked allocator was asked; 2 its mutex was taken.
 */
final class RseqList implements AllocatorStrategy {
    private static final String PAGES = "pages";

    @Override
    public String id() {
        return "rseq-list";
    }

    @Override
    public String summary() {
        return "intrusive list per CPU in the fewest instructions, restartable sections, no caps, nothing goes back";
    }

    @Override
    public String source() {
        return "cosmopolitan third_party/dlmalloc/rseq.inc (2025)";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.count(
                PAGES,
                "pages",
                65_536,
                0,
                1 << 20,
                "pages of 4 KiB that all lists may take before the locked allocator"));
    }

    @Override
    public boolean usesRseq() {
        return true;
    }

    @Override
    public String fallback() {
        return "percpu-lock";
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return context.rseq()
                ? new Instance(settings.count(PAGES), context)
                : Strategies.withDefaults(fallback(), context);
    }

    private static final class Instance extends Common {
        private static final int LARGEST_BYTES = 256;
        private static final int CPU_SHIFT = 6;

        private static final int LIST = Reg.T1;
        private static final int NODE = Reg.T2;
        private static final int LEFT = Reg.T3;
        private static final int OFFSET = Reg.T4;
        private static final int SCRATCH = Reg.T5;
        private static final int CHUNKS = Reg.T8;
        private static final int PAGE = Reg.T7;
        private static final int SIZE = Reg.T6;

        private final long mostPages;
        private final long pages;
        private final int heads;
        private final int small;
        private final long sizeTable;

        Instance(long mostPages, StrategyContext context) {
            super(context, 0);
            this.mostPages = mostPages;
            Layout layout = context.layout();
            heads = Math.toIntExact(layout.reserve((long) context.cpus() << CPU_SHIFT, Layout.LINE));
            pages = layout.reserve(Layout.LINE, Layout.LINE);
            int count = 0;
            while (count < classes.count() && count < 8 && classes.sizes().bytes(count) <= LARGEST_BYTES) {
                count++;
            }
            small = count;
            sizeTable = layout.reserve(8L * Math.max(1, small), Layout.LINE);
            for (int i = 0; i < small; i++) {
                layout.word(sizeTable + 8L * i, classes.sizes().bytes(i));
            }
        }

        @Override
        void malloc(Assembler a, Cold cold) {
            Assembler.Label large = a.label();
            Assembler.Label empty = a.label();
            Assembler.Label locked = a.label();
            goIfLarge(a, large);
            pop(a, cold, empty);
            end(a, Mark.MALLOC);
            a.place(empty);
            takePage(a, locked);
            end(a, Mark.MALLOC);
            a.place(locked);
            a.place(large);
            a.mark(Mark.TIER, 1);
            pool.takeOne(a);
            end(a, Mark.MALLOC);
        }

        @Override
        void free(Assembler a, Cold cold) {
            Assembler.Label large = a.label();
            goIfLarge(a, large);
            push(a, "push", true);
            end(a, Mark.FREE);
            a.place(large);
            a.mark(Mark.TIER, 1);
            a.mov(Reg.A1, Reg.A0);
            pool.give(a);
            end(a, Mark.FREE);
        }

        /** Leaves if the class has no list; where there are several, OFFSET = that of its head. */
        private void goIfLarge(Assembler a, Assembler.Label large) {
            if (small == 0) {
                a.jmp(large);
            }
            if (classes.single()) {
                return;
            }
            classes.current(a, OFFSET);
            if (small < classes.count()) {
                a.li(SCRATCH, small);
                a.bge(OFFSET, SCRATCH, large);
            }
            a.shli(OFFSET, OFFSET, 3);
        }

        private void pop(Assembler a, Cold cold, Assembler.Label empty) {
            Assembler.Label retry = a.label();
            Assembler.Label none = a.label();
            Assembler.SectionLabel section = a.section("pop", retry);
            a.place(retry);
            arm(a, section, true);
            a.ld64(Reg.A0, LIST, heads);
            a.beqz(Reg.A0, none);
            a.ld64(NODE, Reg.A0, NodeLayout.NEXT);
            spend(a, true);
            a.st64(LIST, heads, NODE);
            a.commit(section);
            cold.later(() -> {
                a.place(none);
                a.exit(section, Mark.EXIT_EMPTY);
                a.jmp(empty);
            });
        }

        private void push(Assembler a, String name, boolean padded) {
            Assembler.Label retry = a.here();
            Assembler.SectionLabel section = a.section(name, retry);
            arm(a, section, padded);
            a.ld64(NODE, LIST, heads);
            a.st64(Reg.A0, NodeLayout.NEXT, NODE);
            spend(a, padded);
            a.st64(LIST, heads, Reg.A0);
            a.commit(section);
        }

        private void arm(Assembler a, Assembler.SectionLabel section, boolean padded) {
            if (padded) {
                pad.load(a, LEFT, true);
            }
            a.arm(section, SCRATCH);
            a.start(section);
            a.ld32(LIST, Reg.RSEQ, RseqArea.CPU_ID_START);
            a.shli(LIST, LIST, CPU_SHIFT);
            if (!classes.single()) {
                a.add(LIST, LIST, OFFSET);
            }
        }

        private void spend(Assembler a, boolean padded) {
            if (padded) {
                pad.spend(a, LEFT);
            }
        }

        /** A0 = a block of a new page whose others are pushed; to {@code locked} when the limit is reached. */
        private void takePage(Assembler a, Assembler.Label locked) {
            if (small == 0) {
                return;
            }
            a.mark(Mark.TIER, 1);
            a.li(SCRATCH, 1);
            a.li(LIST, pages);
            a.xadd(SCRATCH, LIST, 0, SCRATCH);
            a.li(NODE, mostPages);
            a.bge(SCRATCH, NODE, locked);
            a.li(NODE, 1);
            a.mark(Mark.COUNT, Mark.COUNT_REFILLS, NODE);
            a.mark(Mark.COUNT, Mark.COUNT_REFILL_OBJECTS, NODE);
            a.li(Reg.A0, BlockClasses.PAGE_BYTES);
            a.host(HostCall.HOST_SPAN);
            if (classes.mapped()) {
                a.li(NODE, 1);
                classes.map(a, Reg.A0, NODE, LIST, SCRATCH);
            }
            a.mov(PAGE, Reg.A0);
            if (classes.single()) {
                Static.load(a, SIZE, sizeTable);
            } else {
                a.ld64(SIZE, OFFSET, Math.toIntExact(sizeTable));
            }
            // what is left of the page
            a.li(CHUNKS, BlockClasses.PAGE_BYTES);
            a.add(Reg.A0, PAGE, SIZE);
            a.sub(CHUNKS, CHUNKS, SIZE);
            Assembler.Label done = a.label();
            Assembler.Label next = a.here();
            a.blt(CHUNKS, SIZE, done);
            a.mark(Mark.ONCE, Mark.COUNT_REFILL_OBJECTS);
            push(a, "page_push", false);
            a.add(Reg.A0, Reg.A0, SIZE);
            a.sub(CHUNKS, CHUNKS, SIZE);
            a.jmp(next);
            a.place(done);
            a.mov(Reg.A0, PAGE);
        }

        @Override
        long ownBlocks(MemoryView memory) {
            long least = classes.sizes().bytes(0);
            return Math.min(memory.read64(pages), mostPages) * (BlockClasses.PAGE_BYTES / least + 1);
        }

        @Override
        void audit(Audit audit) {
            for (int cpu = 0; cpu < context.cpus(); cpu++) {
                for (int i = 0; i < small; i++) {
                    audit.list(heads + ((long) cpu << CPU_SHIFT) + 8L * i, Place.cpu(cpu));
                }
            }
        }
    }
}
