package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.Durations;
import io.rseqlab.collector.run.Kernels;
import io.rseqlab.collector.run.OpsMode;
import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.spec.UsageException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;

/**
 * What an experiment may set of a run besides strategy, workload and their parameters: the settings of {@code collect},
 * under the same names. Each reads a value's text into a request.
 */
enum Setting {
    MACHINE(Form.TEXT, RunRequest::machine, RunSpecs::machine),
    KERNEL(Form.TEXT, RunRequest::kernel, Kernels::policy),
    CPUS(Form.WHOLE, (request, text) -> request.cpus(whole(text)), Setting::whole),
    THREADS(Form.WHOLE, (request, text) -> request.threads(whole(text)), Setting::whole),
    DURATION(Form.TEXT, (request, text) -> request.window(Durations.parse(text)), Durations::parse),
    WARMUP(Form.TEXT, (request, text) -> request.warmup(Durations.parse(text)), Durations::parse),
    TICK(Form.TEXT, (request, text) -> request.tick(tickSeconds(text)), Setting::tickSeconds),
    OPS(Form.TEXT, (request, text) -> request.ops(OpsMode.parse(text)), OpsMode::parse),
    INJECT(Form.TEXT, Setting::inject, text -> inject(RunRequest.of("", ""), text)),
    PINNED(Form.YES_NO, (request, text) -> request.pinned(Boolean.parseBoolean(text)), Boolean::valueOf),
    NOISE(Form.YES_NO, (request, text) -> request.noise(Boolean.parseBoolean(text)), Boolean::valueOf),
    ORACLE(Form.YES_NO, (request, text) -> request.oracle(Boolean.parseBoolean(text)), Boolean::valueOf),
    SLACK_CYCLES(Form.WHOLE, (request, text) -> request.slackCycles(whole(text)), Setting::whole),
    COST_DRAW(Form.WHOLE, (request, text) -> request.costDraw(whole(text)), Setting::whole);

    /** No fault, as one of the values of {@code inject}. */
    static final String NO_FAULT = "none";

    /** What values of a setting look like in TOML. */
    enum Form {
        TEXT("a text in quotes"),
        WHOLE("a whole number"),
        YES_NO("true or false");

        private final String words;

        Form(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }

        boolean fits(Object value) {
            return switch (this) {
                case TEXT -> value instanceof String;
                case WHOLE -> value instanceof Integer || value instanceof Long;
                case YES_NO -> value instanceof Boolean;
            };
        }
    }

    /** Refuses a text that says nothing. */
    @FunctionalInterface
    private interface Check {
        Object read(String text);
    }

    private final String id = name().toLowerCase(Locale.ROOT);
    private final Form form;
    private final BiFunction<RunRequest, String, RunRequest> change;
    private final Check check;

    Setting(Form form, BiFunction<RunRequest, String, RunRequest> change, Check check) {
        this.form = form;
        this.change = change;
        this.check = check;
    }

    /** The name in files. */
    String id() {
        return id;
    }

    Form form() {
        return form;
    }

    /** The request with this setting said. */
    RunRequest apply(RunRequest request, String text) {
        return change.apply(request, text);
    }

    /**
     * Looks at a value by itself.
     *
     * @throws UsageException saying what is allowed
     */
    void check(String text) {
        check.read(text);
    }

    /** The setting of that name, or null. */
    static Setting of(String id) {
        return Arrays.stream(values())
                .filter(setting -> setting.id.equals(id))
                .findFirst()
                .orElse(null);
    }

    /** All names, in order. */
    static List<String> ids() {
        return Arrays.stream(values()).map(Setting::id).toList();
    }

    private static int whole(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new UsageException(text + " is too large");
        }
    }

    /** 0 itself is no time between ticks: not saying it is what leaves the machine's. */
    private static double tickSeconds(String text) {
        double seconds = Durations.parse(text);
        if (seconds == 0) {
            throw new UsageException(text + ": must be from 1us to 1s");
        }
        return seconds;
    }

    private static RunRequest inject(RunRequest request, String text) {
        RunRequest more = request;
        for (String fault : text.equals(NO_FAULT) ? new String[0] : text.split(",", -1)) {
            more = more.inject(fault);
        }
        return more;
    }
}
