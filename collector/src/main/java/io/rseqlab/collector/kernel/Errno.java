package io.rseqlab.collector.kernel;

/** Error numbers of system calls, as include/uapi/asm-generic/errno-base.h and errno.h have them. A call answers -n. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int ENXIO = 6;
    public static final int EINTR = 4;
    public static final int ENOMEM = 12;
    public static final int EAGAIN = 11;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EINVAL = 22;
    public static final int ENOSYS = 38;
    /** Of include/linux/errno.h; programs see it all the same. */
    public static final int ENOTSUPP = 524;

    private Errno() {}
}
