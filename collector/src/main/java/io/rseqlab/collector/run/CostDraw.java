package io.rseqlab.collector.run;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.MachineProfile.Fact;
import io.rseqlab.collector.spec.UsageException;
import java.util.function.LongSupplier;

/**
 * A machine whose numbers are drawn from the ranges that its profile states, for the question whether an answer hangs
 * on what nobody knows more closely. Each number is drawn evenly between its low and high by a stream of its own name,
 * so that draw k of a machine is the same under every strategy and workload, and a further range moves no other number.
 * What is a whole count between whole counts stays one.
 */
final class CostDraw {
    /** The number that stands for the profile as it is. */
    static final int NONE = 0;

    /** More draws than anybody waits for, and were hardly meant. */
    static final int MOST = 10_000;

    private static final double UNIT = 0x1.0p-53;

    private CostDraw() {}

    /**
     * One draw.
     *
     * @param number which, from 1 on; {@link #NONE} for the machine itself
     * @throws UsageException if there is no such number, or the profile states no range
     */
    static MachineProfile of(MachineProfile machine, int number) {
        if (number == NONE) {
            return machine;
        }
        if (number < 0 || number > MOST) {
            throw new UsageException("cost draw " + number + " is not from 0 (costs as they are) to " + MOST);
        }
        if (!machine.ranged()) {
            throw new UsageException("no costs can be drawn for machine " + machine.name()
                    + ": its profile states no range (low, high) of any; rseqlab calibrate writes them");
        }
        Streams streams = new Streams(number);
        return machine.drawn(fact -> drawn(fact, streams.stream("cost/" + fact.key())));
    }

    private static double drawn(Fact fact, LongSupplier stream) {
        double share = (stream.getAsLong() >>> 11) * UNIT;
        if (fact.unit().equals("count") && whole(fact.low()) && whole(fact.high()) && whole(fact.value())) {
            return fact.low() + Math.floor(share * (fact.high() - fact.low() + 1));
        }
        return fact.low() + share * (fact.high() - fact.low());
    }

    private static boolean whole(double value) {
        return value == Math.rint(value);
    }
}
