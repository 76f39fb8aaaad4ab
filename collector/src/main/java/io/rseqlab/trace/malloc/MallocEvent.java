package io.rseqlab.trace.malloc;

/**
 * One call that a program made of its allocator; mutable, so that a reader can hand over millions with one object.
 *
 * <p>Objects have numbers: the n-th object that comes to life in a trace is n, from 0. An event that brings an object
 * to life therefore says its number without having to write it down.
 */
public final class MallocEvent {
    /** No object. */
    public static final int NONE = -1;

    /** Kinds of calls. The order is part of the file form. */
    public enum Kind {
        /** An object comes to life: malloc, calloc, memalign, or realloc of nothing. */
        ALLOCATE,
        /** An object's life ends. */
        FREE,
        /** A new object, into which the old one is copied, whose life ends. */
        REALLOCATE,
        /** A thread ends. */
        THREAD_END,
        /** A call without effect: free of nothing or of an unknown object, or a request that failed. */
        NOTHING,
        /** A life ended here at the latest: the address was handed out again and nobody recorded a free. Not a call. */
        LOST_FREE,
        /**
         * The address of an object was handed out again, so that it had been freed; the free follows, as it was
         * recorded late, or a {@link #LOST_FREE}. Not a call.
         */
        REUSED;

        private static final Kind[] ALL = values();

        /** The kind of that ordinal. */
        static Kind of(int ordinal) {
            return ALL[ordinal];
        }

        /** How many there are. */
        static int count() {
            return ALL.length;
        }

        /** True if an object comes to life. */
        public boolean begins() {
            return this == ALLOCATE || this == REALLOCATE;
        }
    }

    /** What happened. */
    public Kind kind;

    /** The calling thread: 0 for the first that called, and so on. */
    public int thread;

    /** The object that comes to life, or that the event is about without another coming to life; {@link #NONE} else. */
    public int id;

    /** The object whose life ends in a {@link Kind#REALLOCATE}; else {@link #NONE}. */
    public int oldId;

    /** Bytes asked for; 0 where none were. */
    public long sizeBytes;

    /** When the call began, in nanoseconds since the first; 0 in traces without time. */
    public long timeNanos;

    /** How long the recorded allocator took, in nanoseconds; 0 in traces that do not know. */
    public long durationNanos;

    /** The CPU on which the call was made; 0 in traces that do not know. */
    public int cpu;

    /** A blank event of a kind. */
    public MallocEvent begin(Kind newKind, int newThread) {
        kind = newKind;
        thread = newThread;
        id = NONE;
        oldId = NONE;
        sizeBytes = 0;
        timeNanos = 0;
        durationNanos = 0;
        cpu = 0;
        return this;
    }

    /** The object whose life ends here, {@link #NONE} if none does. */
    public int endedId() {
        return switch (kind) {
            case FREE, LOST_FREE -> id;
            case REALLOCATE -> oldId;
            default -> NONE;
        };
    }
}
