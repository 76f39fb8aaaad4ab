package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Actors: producers allocate batches of 1 to {@code batch} messages of 48, 64, 96 or 128 bytes and put each batch into
 * the inbox of a random proxy or consumer; proxies pass on what they find to a random consumer; consumers free. At most
 * about {@code outstanding} messages are under way. An inbox is a list to which anybody pushes by compare and swap and
 * whose owner takes all at once. Producers yield every 16 batches, others when they find nothing. An operation is one
 * allocate or one free.
 *
 * <p>Source: msgpass of snmalloc's performance tests: 3 producers, 2 proxies, 3 consumers, 4096 outstanding.
 */
final class MessagePass implements Workload {
    private static final String PRODUCERS = "producers";
    private static final String PROXIES = "proxies";
    private static final String CONSUMERS = "consumers";
    private static final String BATCH = "batch";
    private static final String OUTSTANDING = "outstanding";
    private static final int[] SIZES = {48, 64, 96, 128};
    private static final int BATCHES_BEFORE_YIELD = 16;

    @Override
    public String id() {
        return "msgpass";
    }

    @Override
    public String summary() {
        return "producers send batches of messages to proxies and consumers, which free them";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.count(PRODUCERS, "parts", 3, 1, 1024, "producers among the threads, in proportion"),
                Parameter.count(PROXIES, "parts", 2, 0, 1024, "proxies, likewise"),
                Parameter.count(CONSUMERS, "parts", 3, 1, 1024, "consumers, likewise"),
                Parameter.count(BATCH, "messages", 16, 1, 4096, "most messages of a batch"),
                Parameter.count(OUTSTANDING, "messages", 4096, 1, 1 << 24, "messages under way"));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return ClassLookup.classesFor(SIZES);
    }

    @Override
    public String remark(Settings settings, int threads) {
        return threads == 1 ? "a single thread has nobody to send to: it allocates and frees alone" : null;
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    /**
     * Who is what: threads in order take the part that is furthest behind its share, producers first, then consumers.
     */
    static List<String> roles(int threads, long producers, long proxies, long consumers) {
        List<String> names = List.of("producer", "consumer", "proxy");
        long[] shares = {producers, consumers, proxies};
        long[] given = new long[shares.length];
        List<String> roles = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int furthest = 0;
            for (int part = 1; part < shares.length; part++) {
                if ((given[part] + 1) * shares[furthest] < (given[furthest] + 1) * shares[part]) {
                    furthest = part;
                }
            }
            // without a consumer nothing ever ends
            int part = thread == 1 ? 1 : furthest;
            given[part]++;
            roles.add(names.get(part));
        }
        return threads == 1 ? List.of("alone") : roles;
    }

    private static final class Instance extends PaddedInstance {
        private static final int LINK = 0;

        private static final int FIRST = Reg.W0;
        private static final int LAST = Reg.W1;
        private static final int LEFT = Reg.W2;
        private static final int RANDOM = Reg.W3;
        private static final int SCRATCH = Reg.W4;
        private static final int INBOX = Reg.W5;
        private static final int COUNT = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final ClassLookup classes;
        private final List<String> roles;
        private final int batch;
        private final long outstanding;
        private final int underWay;
        /** Inboxes, a line each: consumers' before proxies'. */
        private final long inboxes;

        private final int consumers;
        private final int receivers;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            roles = roles(
                    context.threads(), settings.count(PRODUCERS), settings.count(PROXIES), settings.count(CONSUMERS));
            batch = (int) settings.count(BATCH);
            outstanding = settings.count(OUTSTANDING);
            consumers = Math.max(1, Collections.frequency(roles, "consumer"));
            receivers = consumers + Collections.frequency(roles, "proxy");
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            classes = new ClassLookup(layout, sizes, SIZES.length, i -> SIZES[i]);
            inboxes = layout.reserve((long) receivers * 2 * Layout.LINE, 2 * Layout.LINE);
            underWay = Math.toIntExact(layout.reserve(Layout.LINE, 2 * Layout.LINE));
            int consumer = 0;
            int proxy = consumers;
            for (int thread = 0; thread < roles.size(); thread++) {
                boolean consumes = !roles.get(thread).equals("proxy");
                boolean receives = !roles.get(thread).equals("producer");
                if (receives) {
                    int own = consumes ? consumer++ : proxy++;
                    layout.word(loop.threadBase(thread) + ThreadLoop.RING, inboxes + 2L * Layout.LINE * own);
                }
            }
        }

        @Override
        public void emit(Assembler a) {
            producer(a);
            receiver(a, "consumer", false);
            receiver(a, "proxy", true);
            Assembler.Label exit = a.label();
            a.place(a.label("alone"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            make(a);
            free(a);
            loop.again(a, next);
            loop.exit(a, exit);
        }

        private void producer(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label room = a.label();
            a.place(a.label("producer"));
            loop.enter(a);
            Assembler.Label begin = a.here();
            a.st64(Reg.WORKLOAD, ThreadLoop.POSITION, Reg.ZERO);
            Assembler.Label next = a.here();
            loop.testStop(a, exit);
            a.ld64(COUNT, Reg.ZERO, underWay);
            a.li(SCRATCH, outstanding);
            a.blt(COUNT, SCRATCH, room);
            a.syscall(HostCall.SYS_SCHED_YIELD);
            a.jmp(next);
            a.place(room);
            make(a);
            a.xadd(SCRATCH, Reg.ZERO, underWay, COUNT);
            draws.belowByLowerBits(a, INBOX, receivers);
            send(a);
            a.ld64(COUNT, Reg.WORKLOAD, ThreadLoop.POSITION);
            a.addi(COUNT, COUNT, 1);
            a.st64(Reg.WORKLOAD, ThreadLoop.POSITION, COUNT);
            a.li(SCRATCH, BATCHES_BEFORE_YIELD);
            a.blt(COUNT, SCRATCH, next);
            a.syscall(HostCall.SYS_SCHED_YIELD);
            a.jmp(begin);
            loop.exit(a, exit);
        }

        /** FIRST to LAST = a batch of COUNT new messages, linked. */
        private void make(Assembler a) {
            draws.draw(a);
            draws.below(a, LEFT, batch);
            a.addi(LEFT, LEFT, 1);
            a.mov(COUNT, LEFT);
            a.li(FIRST, 0);
            Assembler.Label message = a.here();
            draws.draw(a);
            draws.below(a, INBOX, SIZES.length);
            classes.look(a, Reg.A0, INBOX);
            loop.allocate(a);
            count(a);
            a.st64(Reg.A0, LINK, FIRST);
            Assembler.Label linked = a.label();
            a.bnez(FIRST, linked);
            a.mov(LAST, Reg.A0);
            a.place(linked);
            a.mov(FIRST, Reg.A0);
            a.djnz(LEFT, message);
        }

        private void count(Assembler a) {
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
        }

        /** Pushes FIRST to LAST into the inbox of the number in INBOX. */
        private void send(Assembler a) {
            a.shli(INBOX, INBOX, 7);
            a.li(SCRATCH, inboxes);
            a.add(INBOX, INBOX, SCRATCH);
            Assembler.Label retry = a.here();
            a.ld64(SCRATCH, INBOX, 0);
            a.st64(LAST, LINK, SCRATCH);
            a.cas64(LEFT, INBOX, 0, SCRATCH, FIRST);
            a.bne(LEFT, SCRATCH, retry);
        }

        private void receiver(Assembler a, String name, boolean passesOn) {
            Assembler.Label exit = a.label();
            Assembler.Label some = a.label();
            a.place(a.label(name));
            loop.enter(a);
            Assembler.Label next = a.here();
            loop.testStop(a, exit);
            a.ld64(INBOX, Reg.WORKLOAD, ThreadLoop.RING);
            a.ld64(FIRST, INBOX, 0);
            a.bnez(FIRST, some);
            a.syscall(HostCall.SYS_SCHED_YIELD);
            a.jmp(next);
            a.place(some);
            a.xchg(FIRST, INBOX, 0, Reg.ZERO);
            if (passesOn) {
                a.mov(LAST, FIRST);
                Assembler.Label link = a.here();
                Assembler.Label end = a.label();
                a.ld64(SCRATCH, LAST, LINK);
                a.beqz(SCRATCH, end);
                a.mov(LAST, SCRATCH);
                a.jmp(link);
                a.place(end);
                draws.draw(a);
                draws.below(a, INBOX, consumers);
                send(a);
            } else {
                free(a);
                a.sub(COUNT, Reg.ZERO, COUNT);
                a.xadd(SCRATCH, Reg.ZERO, underWay, COUNT);
            }
            a.jmp(next);
            loop.exit(a, exit);
        }

        /** Frees the messages from FIRST on; COUNT = how many there were. */
        private void free(Assembler a) {
            a.li(COUNT, 0);
            Assembler.Label message = a.here();
            a.ld64(LAST, FIRST, LINK);
            loop.release(a, FIRST);
            count(a);
            a.addi(COUNT, COUNT, 1);
            a.mov(FIRST, LAST);
            a.bnez(FIRST, message);
        }

        @Override
        public String entry(int thread) {
            return roles.get(thread);
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
