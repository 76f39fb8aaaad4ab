package io.rseqlab.collector.conformance;

import static io.rseqlab.collector.conformance.ModelBench.FINISHED;
import static io.rseqlab.collector.conformance.ModelBench.SEEN;
import static io.rseqlab.collector.conformance.ModelBench.SEEN_TOO;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.kernel.Errno;
import io.rseqlab.collector.kernel.RseqArea;
import io.rseqlab.collector.kernel.RseqPolicy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Registration: what a program is told by rseq(2), and what it finds in its area. */
final class RegistrationProbes {
    private static final int SIGNATURE = Program.SIGNATURE;
    private static final int UNREGISTER = 1;
    private static final int UNKNOWN_FLAG = 1 << 30;
    private static final int BYTES = 32;
    /** Offset of a second area on the page of the first. */
    private static final int OTHER = 2048;

    private static final int SCRIBBLE = 99;
    private static final long UNMAPPED = 0x7f00_0000_0000L;
    private static final long KERNEL = 0xffff_8000_0000_0000L;

    /**
     * A call of rseq(2).
     *
     * @param absolute whether the address is one, or else an offset from an area at the start of a page
     */
    private record Call(boolean absolute, long address, int length, int flags, int signature) {
        void write(Assembler a) {
            if (absolute) {
                a.li(Reg.A0, address);
            } else {
                a.addi(Reg.A0, Reg.RSEQ, (int) address);
            }
            a.li(Reg.A1, length);
            a.li(Reg.A2, flags);
            a.li(Reg.A3, signature);
            a.syscall(HostCall.SYS_RSEQ);
        }
    }

    private static final Call FIRST = area(0, BYTES);
    private static final Call BACK = flags(0, UNREGISTER, SIGNATURE);

    /** prctl's option that copies the auxiliary vector, and the vector's entries about rseq. */
    private static final long GET_AUXV = 0x41555856;

    private static final int FEATURE_SIZE = 27;
    private static final int ALIGNMENT = 28;
    /** Bytes of the vector that are asked for, at the start of the thread's data. */
    private static final int VECTOR_BYTES = 128;

    private RegistrationProbes() {}

    /** The value of an entry of the auxiliary vector. */
    private static Observation ofVector(RseqPolicy policy, int entry) {
        ModelBench bench = ModelBench.unregistered(policy, a -> {
                    a.place(a.label("main"));
                    a.li(Reg.A0, GET_AUXV);
                    a.mov(Reg.A1, Reg.WORKLOAD);
                    a.li(Reg.A2, VECTOR_BYTES);
                    a.syscall(HostCall.SYS_PRCTL);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(0.01);
        for (int pair = 0; pair < VECTOR_BYTES && bench.word(0, pair) != 0; pair += 2 * Long.BYTES) {
            if (bench.word(0, pair) == entry) {
                return Observation.of(Long.toString(bench.word(0, pair + Long.BYTES)));
            }
        }
        return Observation.of("none");
    }

    static Map<String, ModelProbe> all() {
        Map<String, ModelProbe> probes = new HashMap<>();
        firsts(probes);
        seconds(probes);
        probes.put("feature-size", policy -> ofVector(policy, FEATURE_SIZE));
        probes.put("area-alignment", policy -> ofVector(policy, ALIGNMENT));
        probes.put("register-clears-rseq-cs", RegistrationProbes::armedBefore);
        probes.put("register-writes-ids", RegistrationProbes::idsAfter);
        probes.put("unregister-fields", RegistrationProbes::fieldsAfter);
        return probes;
    }

    private static void firsts(Map<String, ModelProbe> probes) {
        calls(probes, "register", FIRST);
        calls(probes, "register-unknown-flag", flags(0, UNKNOWN_FLAG, SIGNATURE));
        calls(probes, "register-misaligned", area(8, BYTES));
        calls(probes, "register-length-28", area(0, 28));
        calls(probes, "register-length-31", area(0, 31));
        calls(probes, "register-length-33", area(0, 33));
        calls(probes, "register-length-33-at-32", area(32, 33));
        calls(probes, "register-length-33-at-16", area(16, 33));
        calls(probes, "register-null", at(0));
        calls(probes, "register-unmapped", at(UNMAPPED));
        calls(probes, "register-kernel-address", at(KERNEL));
        calls(probes, "register-misaligned-kernel", at(KERNEL + 8));
        calls(probes, "unregister-not-registered", BACK);
    }

    private static void seconds(Map<String, ModelProbe> probes) {
        calls(probes, "register-again", FIRST, FIRST);
        calls(probes, "register-again-signature", FIRST, flags(0, 0, SIGNATURE + 1));
        calls(probes, "register-again-address", FIRST, area(OTHER, BYTES));
        calls(probes, "register-again-length", FIRST, area(0, 2 * BYTES));
        calls(probes, "register-again-both", FIRST, flags(OTHER, 0, SIGNATURE + 1));
        calls(probes, "register-again-flag", FIRST, flags(0, UNKNOWN_FLAG, SIGNATURE));
        calls(probes, "unregister", FIRST, BACK);
        calls(probes, "unregister-twice", FIRST, BACK, BACK);
        calls(probes, "unregister-address", FIRST, flags(OTHER, UNREGISTER, SIGNATURE));
        calls(probes, "unregister-length", FIRST, new Call(false, 0, 2 * BYTES, UNREGISTER, SIGNATURE));
        calls(probes, "unregister-signature", FIRST, flags(0, UNREGISTER, SIGNATURE + 1));
        calls(probes, "unregister-other-flag", FIRST, flags(0, UNREGISTER | UNKNOWN_FLAG, SIGNATURE));
        calls(probes, "register-after-unregister", FIRST, BACK, flags(OTHER, 0, SIGNATURE + 1));
    }

    private static Call area(int offset, int length) {
        return new Call(false, offset, length, 0, SIGNATURE);
    }

    private static Call flags(int offset, int flags, int signature) {
        return new Call(false, offset, BYTES, flags, signature);
    }

    private static Call at(long address) {
        return new Call(true, address, BYTES, 0, SIGNATURE);
    }

    /** The result of the last of some calls; those before it must do what the rule builds on. */
    private static void calls(Map<String, ModelProbe> probes, String rule, Call... calls) {
        probes.put(rule, policy -> {
            ModelBench bench = run(policy, a -> {
                for (int i = 0; i < calls.length; i++) {
                    calls[i].write(a);
                    a.st64(Reg.WORKLOAD, SEEN + 8 * i, Reg.A0);
                }
            });
            boolean prepared = IntStream.range(0, calls.length - 1).allMatch(i -> bench.word(0, SEEN + 8 * i) == 0);
            return prepared || !policy.offersRseq()
                    ? result(bench, bench.word(0, SEEN + 8 * (calls.length - 1)))
                    : Observation.cannot("what it builds on is refused");
        });
    }

    /** Registers the thread's area, or one that lies on the same page. */
    static void register(Assembler a, RseqPolicy policy, boolean own) {
        new Call(false, own ? 0 : OTHER, policy.libraryBytes(), 0, SIGNATURE).write(a);
    }

    /** Gives the thread's area back. */
    static void unregister(Assembler a, RseqPolicy policy) {
        new Call(false, 0, policy.libraryBytes(), UNREGISTER, SIGNATURE).write(a);
    }

    private static ModelBench run(RseqPolicy policy, Consumer<Assembler> code) {
        return ModelBench.unregistered(policy, a -> {
                    a.place(a.label("main"));
                    code.accept(a);
                    ModelBench.say(a, FINISHED);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(0.001);
    }

    private static Observation result(ModelBench bench, long result) {
        if (bench.killed(0)) {
            return Observation.of(Observation.SIGSEGV);
        }
        return bench.word(0, FINISHED) == 0 ? bench.unfinished() : Observation.of(name(result));
    }

    /** A result as the manual names it. */
    static String name(long result) {
        return switch ((int) -result) {
            case 0 -> "0";
            case Errno.EPERM -> "EPERM";
            case Errno.ENXIO -> "ENXIO";
            case Errno.ENOTSUPP -> "ENOTSUPP";
            case Errno.EFAULT -> "EFAULT";
            case Errno.EBUSY -> "EBUSY";
            case Errno.EINVAL -> "EINVAL";
            case Errno.ENOSYS -> "ENOSYS";
            default -> Long.toString(result);
        };
    }

    private static Observation armedBefore(RseqPolicy policy) {
        ModelBench bench = run(policy, a -> {
            a.li(Reg.T4, ModelBench.descriptor());
            a.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T4);
            FIRST.write(a);
            a.ld64(Reg.T4, Reg.RSEQ, RseqArea.RSEQ_CS);
            a.st64(Reg.WORKLOAD, SEEN, Reg.T4);
        });
        return bench.pointer();
    }

    private static Observation idsAfter(RseqPolicy policy) {
        ModelBench bench = run(policy, a -> {
            a.li(Reg.T4, SCRIBBLE);
            a.st32(Reg.RSEQ, RseqArea.CPU_ID_START, Reg.T4);
            a.st32(Reg.RSEQ, RseqArea.CPU_ID, Reg.T4);
            FIRST.write(a);
            a.ld64(Reg.T4, Reg.RSEQ, RseqArea.CPU_ID_START);
            a.st64(Reg.WORKLOAD, SEEN, Reg.T4);
            a.syscall(HostCall.SYS_GETCPU);
            a.st64(Reg.WORKLOAD, SEEN_TOO, Reg.A0);
        });
        long cpu = bench.word(0, SEEN_TOO);
        return Observation.of(bench.word(0, SEEN) == (cpu | cpu << 32) ? "written" : Observation.KEPT);
    }

    /** The id fields after a sleep and unregistering. */
    private static Observation fieldsAfter(RseqPolicy policy) {
        ModelBench bench = run(policy, a -> {
            FIRST.write(a);
            ModelBench.call(a, HostCall.SYS_NANOSLEEP, 100_000);
            BACK.write(a);
            a.st64(Reg.WORKLOAD, SEEN, Reg.A0);
            int place = SEEN;
            for (int field : List.of(RseqArea.CPU_ID_START, RseqArea.CPU_ID, RseqArea.NODE_ID, RseqArea.MM_CID)) {
                place += 8;
                a.ld32(Reg.T4, Reg.RSEQ, field);
                a.st64(Reg.WORKLOAD, place, Reg.T4);
            }
        });
        if (bench.word(0, SEEN) != 0) {
            return Observation.cannot("unregistering is refused");
        }
        StringBuilder fields = new StringBuilder();
        for (int i = 1; i <= 4; i++) {
            fields.append(i == 1 ? "" : " ").append((int) bench.word(0, SEEN + 8 * i));
        }
        return Observation.of(fields.toString());
    }
}
