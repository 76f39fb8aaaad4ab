package io.rseqlab.collector.kernel;

/** Why the kernel kills a thread with SIGSEGV for what it finds about restartable sequences. */
public enum KillReason {
    AREA("area not readable and writable"),
    POINTER("rseq_cs is no user address"),
    DESCRIPTOR("descriptor unreadable"),
    VERSION("descriptor has a version"),
    START("start of the section is no user address"),
    END("end of the section is no user address"),
    LENGTH("section wraps round the end of the address space"),
    HANDLER("abort handler is no user address"),
    HANDLER_INSIDE("abort handler inside the section"),
    SIGNATURE_UNREADABLE("signature unreadable"),
    SIGNATURE("signature missing"),
    FLAGS("flags are set"),
    SYSCALL("system call inside a section"),
    FIELDS("fields that only the kernel may write were changed"),
    /** The kernel goes there, and the first instruction fetched faults. */
    NO_CODE("abort handler is no code"),
    FORGED_POINTER("rseq_cs is no valid capability"),
    FORGED_HANDLER("abort handler is no sealed entry");

    private final String words;

    KillReason(String words) {
        this.words = words;
    }

    /** The reason as listeners and the trace's fault events have it. */
    public String words() {
        return "rseq: " + words;
    }
}
