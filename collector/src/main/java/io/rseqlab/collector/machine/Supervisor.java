package io.rseqlab.collector.machine;

/** What a machine asks of the kernel that runs on it. All calls come in the order of simulated time over all cores. */
public interface Supervisor {
    /** The core enters the kernel at its clock because interrupts are due; its thread's pc is where it landed. */
    void interrupt(Core core);

    /** The core enters the kernel by a system call; the thread's pc is already behind it. */
    void syscall(Core core, int number);

    /** Makes a host call (arguments and result in A0...); answers the cycles it costs. */
    long host(Core core, int number);

    /** The thread touched unmapped memory. */
    void wildAccess(Core core, long address);

    /** An idle core reaches the time it asked to be woken at. */
    void idle(Core core);
}
