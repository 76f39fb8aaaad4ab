package io.rseqlab.trace;

import java.util.Locale;

/** What an event row says happened; one row has exactly one kind. */
public enum EventKind {
    /** A CPU went from {@code thread} to {@code other_thread}; -1 stands for the idle task. */
    SWITCH,
    /** {@code thread} was switched out while it could have run on, other than by sched_yield. */
    PREEMPT,
    /** {@code thread} became runnable on {@code target_cpu}; {@code cpu} is where the waker ran. */
    WAKEUP,
    /** {@code thread} moved from {@code cpu} to {@code target_cpu} while it was not running. */
    MIGRATE,
    /** The kernel moved {@code thread} from inside a section to its abort handler. */
    ABORT,
    /** User code found another CPU number than the one it had read, and started again. */
    STALE_CPU_RESTART,
    /** A signal was delivered to {@code thread} on its way to user mode. */
    SIGNAL,
    /** {@code thread} entered the kernel by the call named in {@code detail}. */
    SYSCALL,
    /** membarrier(RSEQ) interrupted {@code target_cpu}. */
    MEMBARRIER_IPI,
    /** An allocator operation left its fast path; {@code detail} names the path. */
    SLOW_PATH,
    /** An allocator operation ended, with tier and latency. */
    OP,
    /** {@code thread} registered or unregistered an rseq area; {@code detail} is the result. */
    RSEQ_REGISTER,
    /** {@code thread} was killed, or the memory oracle found a violation; {@code detail} says why. */
    FAULT;

    private static final EventKind[] ALL = values();

    private final String id = name().toLowerCase(Locale.ROOT);

    /** The name in files and on the command line: lower case with underscores. */
    public String id() {
        return id;
    }

    /** The kind of that {@link #id}, or null. */
    public static EventKind of(String id) {
        for (EventKind kind : ALL) {
            if (kind.id().equals(id)) {
                return kind;
            }
        }
        return null;
    }
}
