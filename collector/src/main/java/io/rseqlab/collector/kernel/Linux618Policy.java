package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.machine.Memory;

/**
 * Linux up to 6.18 (kernel/rseq.c, rseq_ip_fixup): after every switch and before every signal the armed descriptor is
 * copied and fully validated, signature included, and only then the instruction pointer is compared; outside, the
 * descriptor is forgotten; inside, the section is aborted if any event bit is set. The id fields are written at every
 * such exit.
 */
public final class Linux618Policy implements RseqPolicy {
    @Override
    public String id() {
        return "linux-6.18";
    }

    @Override
    public String summary() {
        return "Linux up to 6.18: every switch and every signal evaluates the section; ids rewritten each time";
    }

    @Override
    public Decision evaluate(Memory memory, Program program, long area, int signature, int position, int events) {
        long descriptor = memory.read64(area + RseqArea.RSEQ_CS);
        if (descriptor == 0) {
            return Decision.of(Verdict.NOTHING);
        }
        String defect = defect(memory, program, descriptor, signature);
        if (defect != null) {
            return Decision.kill(defect);
        }
        long start = memory.read64(descriptor + RseqArea.CS_START_IP);
        long length = memory.read64(descriptor + RseqArea.CS_POST_COMMIT_OFFSET);
        if (Long.compareUnsigned(Program.pointer(position) - start, length) >= 0) {
            memory.write64(area + RseqArea.RSEQ_CS, 0);
            return Decision.of(Verdict.CLEARED);
        }
        if (memory.read32(area + RseqArea.FLAGS) != 0 || memory.read32(descriptor + RseqArea.CS_FLAGS) != 0) {
            return Decision.kill("flags are set");
        }
        if (events == 0) {
            return Decision.of(Verdict.UNDISTURBED);
        }
        memory.write64(area + RseqArea.RSEQ_CS, 0);
        int abort = program.position(memory.read64(descriptor + RseqArea.CS_ABORT_IP));
        return new Decision(Verdict.ABORT, abort, null);
    }

    /** Why the kernel would refuse the descriptor, in the order of its checks; null if it is fine. */
    private static String defect(Memory memory, Program program, long descriptor, int signature) {
        if (descriptor < 0 || descriptor >= RseqArea.TASK_SIZE || !memory.mapped(descriptor)) {
            return "descriptor unreadable";
        }
        long start = memory.read64(descriptor + RseqArea.CS_START_IP);
        long length = memory.read64(descriptor + RseqArea.CS_POST_COMMIT_OFFSET);
        long abort = memory.read64(descriptor + RseqArea.CS_ABORT_IP);
        boolean outside = Long.compareUnsigned(start, RseqArea.TASK_SIZE) >= 0
                || Long.compareUnsigned(start + length, RseqArea.TASK_SIZE) >= 0
                || Long.compareUnsigned(abort, RseqArea.TASK_SIZE) >= 0
                || memory.read32(descriptor + RseqArea.CS_VERSION) != 0;
        if (outside || Long.compareUnsigned(start + length, start) < 0) {
            return "descriptor invalid";
        }
        if (Long.compareUnsigned(abort - start, length) < 0) {
            return "abort handler inside the section";
        }
        int handler = program.position(abort);
        long word = handler > 0 ? program.code()[handler - 1] : 0;
        return handler > 0 && Op.code(word) == Op.SIG && Op.imm(word) == signature ? null : "signature missing";
    }

    @Override
    public boolean writesIds(boolean switchedIn, boolean signal, boolean idsChanged) {
        return switchedIn || signal;
    }
}
