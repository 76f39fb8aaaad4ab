package io.rseqlab.collector.isa;

/** Numbers of system calls and host calls that programs make. */
public final class HostCall {
    public static final int SYS_GETCPU = 0;
    public static final int SYS_SCHED_YIELD = 1;
    /** futex wait: A0 address of a 32-bit word, A1 expected value; result 0, or -11 when the value differs. */
    public static final int SYS_FUTEX_WAIT = 2;
    /** futex wake: A0 address, A1 how many; result the number woken. */
    public static final int SYS_FUTEX_WAKE = 3;
    /** A0 cycles to sleep. */
    public static final int SYS_NANOSLEEP = 4;
    /** The thread ends. */
    public static final int SYS_EXIT = 5;
    /** Something cheap that never blocks. */
    public static final int SYS_GETPPID = 6;

    /**
     * rseq: A0 address of the area, A1 its bytes, A2 flags (1 gives it back), A3 the signature; result 0, or an error
     * number negated.
     */
    public static final int SYS_RSEQ = 7;

    /** munmap: A0 address, A1 bytes. The program itself can still go there; the kernel cannot. */
    public static final int SYS_MUNMAP = 8;
    /** mprotect: A0 address, A1 bytes, A2 0 for nothing, 1 to read, 3 to read and write; holds the kernel only. */
    public static final int SYS_MPROTECT = 9;

    /** membarrier: A0 command, A1 flags, A2 CPU; result 0, or an error negated. */
    public static final int SYS_MEMBARRIER = 10;
    /** tgkill: A0 the thread's number, A1 the signal; result 0, or an error negated. */
    public static final int SYS_TGKILL = 11;
    /** rt_sigaction: A0 the signal, A1 the handler's instruction pointer, 0 for none; result 0, or an error negated. */
    public static final int SYS_SIGACTION = 12;
    /** rt_sigreturn: the handler ends; all registers are as before it. */
    public static final int SYS_SIGRETURN = 13;
    /** clone: A0 flags (0x100: shares memory), A1 where the child begins, 0 for here; result the child, 0 in it. */
    public static final int SYS_CLONE = 14;
    /** execve: A0 where the new program begins; an error negated if there is none, else it does not return. */
    public static final int SYS_EXECVE = 15;
    /** sched_setaffinity: A0 the thread, -1 for the caller, A1 mask of CPUs: one, or all. */
    public static final int SYS_SETAFFINITY = 16;
    /** prctl: A0 the option, A1 and A2 its arguments; result as the option has it, or an error negated. */
    public static final int SYS_PRCTL = 17;
    /**
     * brk: A0 the first address behind the heap, 0 to ask for it; result that address. Pages between what is mapped and
     * there come when they are first touched. Spans ({@link #HOST_SPAN}) lie behind what is mapped, too: a program has
     * one or the other.
     */
    public static final int SYS_BRK = 18;
    /** ptrace, as a debugger uses it that steps: thread A0 stops behind each instruction; result 0, or an error. */
    public static final int SYS_PTRACE = 19;

    /** rseq_slice_yield: gives back a slice extension; result 1 if there was one. */
    public static final int SYS_RSEQ_SLICE_YIELD = 20;

    /**
     * exit of a thread that another follows: A0 cycles after its end, at least one, the process begins a thread behind
     * this call that has its number, its thread-local storage and its rseq area, as a C library does that keeps the
     * stacks of ended threads. WORKLOAD, TLS and RSEQ are as they were, all other registers 0.
     */
    public static final int SYS_EXIT_FOLLOWED = 21;

    /** Host call: adds a span of A0 bytes at the end of simulated memory; A0 becomes its address. */
    public static final int HOST_SPAN = 0;
    /**
     * Host call of the bound "ideal": A0 becomes a free block whose line is this core's; where there are several size
     * classes, A0 is the class's number.
     */
    public static final int HOST_IDEAL_POP = 1;
    /** Host call of the bound "ideal": keeps the free block A0. */
    public static final int HOST_IDEAL_PUSH = 2;

    /** Host call: A0 becomes the CPU's number, as the C library gets it from the vDSO without entering the kernel. */
    public static final int HOST_GETCPU = 3;
    /**
     * Host call of workloads whose operations are data: A0 becomes the position at which the thread's next operation is
     * done, A1 and A2 what it needs.
     */
    public static final int HOST_NEXT = 4;
    /**
     * Host call of the same workloads, for a thread that was told to end: A0 becomes the address of the word at which a
     * thread waits that must be woken, 0 if none does.
     */
    public static final int HOST_LEAVE = 5;

    /**
     * Host call of workloads whose requests arrive by themselves: A1 becomes the cycle at which the thread's next
     * request arrives, A0 how long that still is, 0 if it waits already.
     */
    public static final int HOST_ARRIVAL = 6;

    /** Host call: A0 becomes the time in cycles, as the C library gets it from the vDSO without entering the kernel. */
    public static final int HOST_CLOCK = 7;

    /**
     * Host call of page heaps: A0 becomes the address of a span of A0 bytes of whole pages of A1 bytes, A1 that of a
     * line for its descriptor.
     */
    public static final int HOST_PAGES = 8;
    /** Host call of page heaps: takes back the span at A0 of A1 bytes, whose descriptor lies at A2. */
    public static final int HOST_PAGES_BACK = 9;
    /** Host call of page heaps: gives the system whole pages, at least A0 bytes if there are; A0 becomes how many. */
    public static final int HOST_PAGES_RELEASE = 10;
    /**
     * Host call of allocators with several page heaps: A0 becomes the address of A0 bytes of whole pages of the heap
     * with number A1. A heap takes address space A2 bytes at a time, a power of two, or what a larger run needs; its
     * pages are new when they are first used. A1 becomes how many bytes of address space it took, often 0. With
     * {@link #SHARED_RESERVE} in A2, address space that is unused as a whole goes to whichever heap next takes some.
     */
    public static final int HOST_RUN = 11;

    /** Bit that may be set in A2 of {@link #HOST_RUN}. */
    public static final int SHARED_RESERVE = 1;
    /** Host call of such heaps: takes back the A1 bytes at A0, for the heap with number A2. */
    public static final int HOST_RUN_BACK = 12;
    /**
     * Host call of such heaps: gives the system what heap A0 has had unused for too long, where pages go within A1
     * cycles as jemalloc's dirty pages do; A0 becomes how many bytes.
     */
    public static final int HOST_RUN_DECAY = 13;
    /**
     * Host call of allocators that keep pages on lists of their own: no block lies in the A1 bytes at A0 any more, and
     * they may be used for any size. Costs nothing.
     */
    public static final int HOST_IDLE = 14;
    /** Host call of the same: the system gets the A1 bytes at A0, a part of what is idle, as by MADV_DONTNEED. */
    public static final int HOST_IDLE_DISCARD = 15;
    /** Host call of the same: the A1 bytes at A0, which were idle, have blocks again. */
    public static final int HOST_IDLE_USE = 16;
    /** Host call of threads that wait for one another: A0 becomes 1 if the caller goes on looking, 0 if it sleeps. */
    public static final int HOST_LOOK_ON = 17;

    private static final String[] SYSCALL_NAMES = {
        "getcpu",
        "sched_yield",
        "futex_wait",
        "futex_wake",
        "nanosleep",
        "exit",
        "getppid",
        "rseq",
        "munmap",
        "mprotect",
        "membarrier",
        "tgkill",
        "rt_sigaction",
        "rt_sigreturn",
        "clone",
        "execve",
        "sched_setaffinity",
        "prctl",
        "brk",
        "ptrace",
        "rseq_slice_yield",
        "exit"
    };

    private HostCall() {}

    /** The system call's name. */
    public static String syscallName(int number) {
        return SYSCALL_NAMES[number];
    }
}
