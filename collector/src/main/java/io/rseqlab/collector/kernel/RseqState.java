package io.rseqlab.collector.kernel;

/** What the kernel keeps of a thread's restartable sequences. */
public final class RseqState {
    /** Address of the registered area, 0 if none. */
    long area;
    /** Bytes registered. */
    int length;

    int signature;
    /**
     * The event bits of 6.18, as bits of {@link io.rseqlab.trace.Cause}: what happened since a section was last found,
     * so that they may be stale. Only 6.18 looks at them.
     */
    int events;
    /** What happened since it was last in user mode: the causes that an abort is reported with. */
    int freshCauses;
    /** It was switched out, moved, or asked by membarrier since it was last in user mode. */
    boolean scheduled;
    /** The id fields are due: it has just registered. */
    boolean idsDue;
    /** The event behind the last event bit. */
    EventLog.Ref lastEvent;

    // ---- time-slice extension
    boolean sliceEnabled;
    boolean sliceGranted;
    /** Its last rseq_slice_yield ended a grant. */
    boolean sliceYielded;
    /** When the grant is over. */
    long sliceEnds;

    // ---- id fields as the kernel last wrote them
    int cpuIdStart;
    int cpuId = -1;
    int nodeId;
    int mmCid;

    /** True if an area is registered. */
    public boolean registered() {
        return area != 0;
    }

    /** Address of the registered area, 0 if none. */
    public long area() {
        return area;
    }

    /** True if the registration is longer than the first version of the area. */
    public boolean extended() {
        return length > RseqArea.LENGTH;
    }

    /** Event bits that are set, as bits of {@link io.rseqlab.trace.Cause}. */
    public int events() {
        return events;
    }

    /** There is no registration any more, and no event of it. */
    void reset() {
        area = 0;
        length = 0;
        signature = 0;
        events = 0;
        cpuId = -1;
        idsDue = false;
        sliceEnabled = false;
        sliceGranted = false;
    }

    /** A forked process has its parent's registration and event bits: its memory is a copy. */
    void inherit(RseqState parent) {
        area = parent.area;
        length = parent.length;
        signature = parent.signature;
        events = parent.events;
        cpuIdStart = parent.cpuIdStart;
        cpuId = parent.cpuId;
        nodeId = parent.nodeId;
        mmCid = parent.mmCid;
        sliceEnabled = parent.sliceEnabled;
    }
}
