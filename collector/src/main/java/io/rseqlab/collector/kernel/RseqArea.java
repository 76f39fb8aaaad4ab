package io.rseqlab.collector.kernel;

/** Offsets in the thread area and the section descriptor of the rseq interface: include/uapi/linux/rseq.h. */
public final class RseqArea {
    public static final int CPU_ID_START = 0;
    public static final int CPU_ID = 4;
    public static final int RSEQ_CS = 8;
    public static final int FLAGS = 16;
    public static final int NODE_ID = 20;
    public static final int MM_CID = 24;
    /**
     * From 7.0 on, in areas longer than the first version: a byte to ask for a longer slice, and one that grants it.
     */
    public static final int SLICE_CONTROL = 28;
    /** What cpu_id is before a registration and after its end: RSEQ_CPU_ID_UNINITIALIZED. */
    public static final int UNINITIALIZED = -1;
    /** What the C library leaves in cpu_id when the kernel refuses: RSEQ_CPU_ID_REGISTRATION_FAILED. */
    public static final int REGISTRATION_FAILED = -2;

    /** Bytes of the original area. */
    public static final int LENGTH = 32;

    public static final int CS_VERSION = 0;
    public static final int CS_FLAGS = 4;
    public static final int CS_START_IP = 8;
    public static final int CS_POST_COMMIT_OFFSET = 16;
    public static final int CS_ABORT_IP = 24;

    /** First address that is not a user address on x86-64. */
    public static final long TASK_SIZE = 0x7fff_ffff_f000L;

    private RseqArea() {}
}
