package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/** How many entries of the reorder window an operation takes, or, where registers run out first, how many of these. */
final class WindowEntries {
    private WindowEntries() {}

    /** All take one; where registers are what runs out, only those that write one. */
    static byte[] taken(MachineProfile profile) {
        byte[] takes = new byte[256];
        for (int op = 0; op < takes.length; op++) {
            takes[op] = (byte) takes(op, profile.registersRunOut());
            if (Op.isLocked(op)) {
                takes[op] = (byte) profile.costOr("core.locked_registers", 1);
            }
        }
        takes[Op.CAS128] = (byte) profile.costOr("core.locked_128_registers", takes[Op.CAS128]);
        return takes;
    }

    static int takes(int op, boolean registersRunOut) {
        return registersRunOut && !Op.writesRegister(op) ? 0 : 1;
    }
}
