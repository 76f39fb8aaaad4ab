package io.rseqlab.collector.workload;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import io.rseqlab.trace.malloc.Repairs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A malloc trace of a program that never was, for replaying. */
public final class SmallMallocTrace {
    private SmallMallocTrace() {}

    /** Calls made at random, with every kind of end by every thread; answers how many objects are live at the end. */
    public static int write(Path file, int threads, int calls, long seed) {
        Random random = new Random(seed);
        List<Integer> live = new ArrayList<>();
        MallocEvent event = new MallocEvent();
        int next = 0;
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (int i = 0; i < calls; i++) {
                int thread = random.nextInt(threads);
                int what = random.nextInt(live.size() > 30 ? 12 : 8);
                if (what < 5 || live.isEmpty()) {
                    event.begin(MallocEvent.Kind.ALLOCATE, thread);
                } else if (what == 5) {
                    event.begin(MallocEvent.Kind.REALLOCATE, thread).oldId = live.remove(random.nextInt(live.size()));
                } else if (what == 6) {
                    event.begin(MallocEvent.Kind.NOTHING, thread);
                } else {
                    event.begin(MallocEvent.Kind.FREE, thread).id = live.remove(random.nextInt(live.size()));
                }
                if (event.kind.begins()) {
                    event.id = next++;
                    event.sizeBytes = random.nextInt(900);
                    live.add(event.id);
                }
                writer.accept(event);
            }
            writer.finish(new MallocOrigin("android", true, false, false, false), Repairs.NONE);
        }
        return live.size();
    }
}
