package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.Output;
import io.rseqlab.analyzer.command.OutputOption;
import io.rseqlab.collector.live.Calibration;
import io.rseqlab.collector.live.Host;
import io.rseqlab.collector.live.NativeDriver;
import io.rseqlab.collector.live.NativeException;
import io.rseqlab.collector.live.SchedulerProbe;
import io.rseqlab.collector.live.TracefsInstance;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.run.Progress;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.reports.page.ReportModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rseqlab validate}: predicted against measured, on this machine. */
@Command(
        name = "validate",
        header = "Hold the model against the real kernel of this machine.",
        description = {
            "",
            "Compiles a small C program at first use, runs real restartable sections and atomics with it on two CPUs,"
                    + " and the model with the same parameters; prints predicted beside measured, with errors:"
                    + " throughput (relative), aborts per interruption (absolute), preemptions per CPU-second"
                    + " (relative). Leave the machine alone meanwhile.",
            "",
            "Needs Linux on x86-64, glibc 2.35 or newer, and a C compiler (cc, or what CC names); the compiled program"
                    + " is kept below RSEQLAB_CACHE, XDG_CACHE_HOME or ~/.cache.",
            ""
        },
        mixinStandardHelpOptions = true)
public final class ValidateCommand implements Callable<Integer> {
    private static final String SCHEDULER = "scheduler";

    /** Rounds in which a processor without a shipped profile is measured. */
    private static final int CALIBRATION_ROUNDS = 2;

    /** Trace buffer per CPU, KiB: some twenty thousand aborts, more than any window has. */
    private static final int ABORTS_KIB = 2048;

    private static final String NEVER_ALONE =
            "the CPUs did not once do what their width says: another hardware thread was busy on their cores the whole"
                    + " time, or the host ran something else on them; throughputs are those of a part of a core; run it"
                    + " again at another hour";

    /** Time stamp counters whose rates differ by more than this share are of different processors. */
    private static final double SAME_TSC = 0.02;

    /** A line transfer this much faster than the profile's nearest or slower than its farthest is another machine's. */
    private static final double SAME_TRANSFER = 1.5;

    @Spec
    private CommandSpec command;

    @Option(
            names = "--grid",
            paramLabel = "GRID",
            description = {
                "Points to compare: quick, which are ten and take about two minutes; full, which are 153 in ten,"
                        + " longer where other guests of the host slow the CPUs down; or scheduler, threads that"
                        + " compute, yield, sleep and wake each other (default: quick)."
            })
    private String grid;

    @ArgGroup(exclusive = false, heading = "%nPoints of one's own, instead of a grid's:%n")
    private OwnPoints own;

    @Option(
            names = "--machine",
            paramLabel = "NAME|FILE",
            description = "Profile that the model runs on (default: the shipped one of this host's processor, else what"
                    + " calibrate --quick measures, in some 20 s).")
    private String machine;

    /** False if the model runs on a shipped profile of another processor. */
    private boolean ofThisHost = true;

    @Option(
            names = "--published",
            description = {
                "Instead, hold the model against figures that others published of other machines; runs anywhere, in"
                        + " about half a minute. With --tolerance X, exit code 5 when a ratio is off by more than X."
            })
    private boolean published;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Also write a page with pictures of predicted against measured into this folder, which must"
                    + " be new or empty.")
    private Path report;

    @Mixin
    private TableOrJson format;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            description = {
                "End with exit code 5 when a throughput is predicted outside the measured min to max and off the median"
                        + " by more than the share X, or when aborts per interruption are off by more than X."
            })
    private Double tolerance;

    @Mixin
    private OutputOption out;

    @Override
    public Integer call() throws IOException {
        checkOptions();
        PrintWriter err = command.commandLine().getErr();
        if (published) {
            return published(err);
        }
        ValidationGrid points = points();
        try (Output output = out.open()) {
            Host host = Host.here();
            List<Integer> cpus = host.firstCpus(ValidationPoint.CPUS);
            List<String> notes = new ArrayList<>();
            MachineProfile profile = profile(host, notes, err);
            if (SCHEDULER.equals(grid)) {
                return scheduler(cpus, profile, output, notes, err);
            }
            NativeDriver driver = NativeDriver.open(System.getenv());
            ValidationWindows windows;
            Validation validation;
            try (TracefsInstance instance = instance(notes)) {
                NativeDriver used = instance == null ? driver : driver.recordingAborts(instance);
                Progress progress = new Progress("validate", ValidationRuns.steps(points), err);
                windows = new ValidationWindows(used::run, points, cpus, profile, ofThisHost);
                ValidationRuns runs = new ValidationRuns(points, windows, profile, progress);
                validation = runs.run();
                if (runs.clockHz() != profile.clockHz()) {
                    notes.add(clock(runs.clockHz(), profile));
                }
                if (!Steal.NONE.equals(windows.steal())) {
                    notes.add(steal(windows.steal()));
                }
                if (windows.neverAlone()) {
                    notes.add(NEVER_ALONE);
                }
                progress.end();
            }
            if (ValidationGrid.FULL.equals(points)) {
                validation = validation.withScheduler(scheduler(cpus, profile, err));
                notes.addAll(validation.scheduler().conditions());
            }
            notes.addAll(conditions(validation, profile));
            ValidationReport figures = new ValidationReport(validation, grid, profile.name(), host, cpus, notes);
            output.write(format.json() ? figures.json(tolerance) : figures.tables());
            if (report != null) {
                page(ValidationPage.of(validation, profile.name(), again(), notes), err);
            }
            return verdict(validation, windows.balanced(), err);
        }
    }

    /** What to compare; null for the scheduler alone. */
    private ValidationGrid points() {
        if (own != null) {
            ValidationGrid chosen = ValidationGrid.own(own.points());
            grid = chosen.name();
            return chosen;
        }
        grid = grid == null ? ValidationGrid.QUICK.name() : grid;
        return SCHEDULER.equals(grid) ? null : ValidationGrid.named(grid);
    }

    /** What tells where in their sections threads are aborted; null, and a note, where this user may not know. */
    private static TracefsInstance instance(List<String> notes) {
        try {
            TracefsInstance instance = TracefsInstance.open(ABORTS_KIB);
            Runtime.getRuntime().addShutdownHook(new Thread(instance::close, "no-instance-left"));
            return instance;
        } catch (NativeException e) {
            notes.add("where in their sections threads are aborted is not compared: " + e.getMessage());
            return null;
        }
    }

    private static String clock(long found, MachineProfile profile) {
        return String.format(
                Locale.ROOT,
                "the CPUs were found to run at %.2f GHz, and so did the model's; the profile says %.2f GHz",
                found / 1e9,
                profile.clockHz() / 1e9);
    }

    private static String steal(Steal steal) {
        return String.format(
                Locale.ROOT,
                "the host took each CPU away %.0f times a second for %.0f us, beside ticks, and so did the model's",
                steal.perSecond(),
                1e6 * steal.seconds());
    }

    private int published(PrintWriter err) throws IOException {
        try (Output output = out.open()) {
            List<PublishedFigures.Table> tables = PublishedFigures.all();
            int figures =
                    tables.stream().mapToInt(table -> table.figures().size()).sum();
            Progress progress = new Progress("validate --published", figures, err);
            PublishedValidation validation = PublishedValidation.run(tables, progress);
            progress.end();
            output.write(format.json() ? validation.json(tolerance) : validation.text());
            return told(tolerance == null ? List.of() : validation.past(tolerance), err);
        }
    }

    private int scheduler(
            List<Integer> cpus, MachineProfile profile, Output output, List<String> notes, PrintWriter err) {
        SchedulerValidation validation = scheduler(cpus, profile, err);
        notes.addAll(validation.conditions());
        output.write(format.json() ? validation.json(profile.name(), tolerance) : validation.text(notes));
        if (report != null) {
            page(ValidationPage.of(validation, profile.name(), again(), notes), err);
        }
        return told(tolerance == null ? List.of() : validation.past(tolerance), err);
    }

    private static SchedulerValidation scheduler(List<Integer> cpus, MachineProfile profile, PrintWriter err) {
        SchedulerProbe probe = SchedulerProbe.open(System.getenv());
        Progress progress = new Progress("validate, the scheduler", SchedulerValidation.steps(), err);
        try {
            return SchedulerValidation.run(probe, cpus, profile, progress);
        } finally {
            progress.end();
        }
    }

    private String again() {
        String given = machine == null ? "" : " --machine " + machine;
        String points = own == null ? "--grid " + grid : own.arguments();
        return "rseqlab validate " + points + given + " --report DIR";
    }

    private void page(ReportModel page, PrintWriter err) {
        err.println("Page: " + OutFolder.page(report, page));
    }

    private void checkOptions() throws IOException {
        if (own != null && (published || grid != null)) {
            throw new UsageException("--strategy: points of one's own are compared instead of "
                    + (published ? "published ones; leave --published out" : "a grid's; leave --grid out"));
        }
        if (published && (machine != null || report != null)) {
            throw new UsageException("--published: each table names its own machine and there is no page for it yet;"
                    + " leave " + (machine != null ? "--machine" : "--report") + " out");
        }
        if (report != null) {
            OutFolder.requireFree(report);
        }
        if (tolerance != null && !(tolerance >= 0)) {
            throw new UsageException("--tolerance must be 0 or more, not " + tolerance);
        }
    }

    /**
     * The profile to run on: what was asked for, else the shipped one of this host's processor, else one measured now.
     */
    private MachineProfile profile(Host host, List<String> notes, PrintWriter err) {
        String own = ProfileReader.shippedFor(host.vendor(), host.family(), host.model(), host.tscHz());
        if (machine == null && own == null) {
            return measured(host, notes, err);
        }
        machine = machine == null ? own : machine;
        ofThisHost = machine.equals(own) || !ProfileReader.SHIPPED.contains(machine);
        MachineProfile profile = RunSpecs.machine(machine);
        String sibling = sibling(host.tscHz(), profile);
        if (ofThisHost && sibling != null) {
            notes.add(sibling);
        }
        return profile;
    }

    /** That a profile is of a sibling of this host's processor, in words; null if nothing says so. */
    static String sibling(double tscHz, MachineProfile profile) {
        double theirsHz = profile.cost("tsc_hz");
        return Double.isNaN(tscHz) || Math.abs(tscHz / theirsHz - 1) <= SAME_TSC
                ? null
                : String.format(
                        Locale.ROOT,
                        "the time stamp counter runs at %.0f MHz here and at %.0f MHz on %s: another model of that"
                                + " processor, or below another hypervisor, where what the kernel and what lies outside"
                                + " the cores costs may differ; 'rseqlab calibrate --out FILE' measures it, and"
                                + " --machine FILE takes it",
                        tscHz / 1e6,
                        theirsHz / 1e6,
                        profile.name());
    }

    private MachineProfile measured(Host host, List<String> notes, PrintWriter err) {
        Progress progress = new Progress("validate, costs of this machine", CALIBRATION_ROUNDS, err);
        Calibration calibration;
        try {
            calibration = Calibration.measure(System.getenv(), "this-machine", CALIBRATION_ROUNDS, progress::step);
        } finally {
            progress.end();
        }
        notes.add(String.format(
                Locale.ROOT,
                "no shipped profile is of this processor (%s family %d model %d): the model ran on what was measured"
                        + " here just now, %d figures, and %d assumed as generic-64 has them; 'rseqlab calibrate --out"
                        + " FILE' measures longer, and --machine FILE takes it",
                host.vendor(),
                host.family(),
                host.model(),
                calibration.measured(),
                calibration.assumed()));
        return ProfileReader.parse(calibration.text(), "this-machine");
    }

    /** What was not as it should be while the machine was measured. */
    static List<String> conditions(Validation validation, MachineProfile profile) {
        List<String> notes = new ArrayList<>();
        double[] transfers = validation.points().stream()
                .filter(point -> point.lineTransferNs() != null)
                .mapToDouble(Validation.Point::lineTransferNs)
                .sorted()
                .toArray();
        if (transfers.length > 0) {
            double here = ValidationMeasurement.median(transfers);
            double near = profile.pingPongCycles() * 1e9 / profile.clockHz();
            double far = profile.apart().pingPongCycles() * 1e9 / profile.clockHz();
            if (here * SAME_TRANSFER < near || here > SAME_TRANSFER * far) {
                notes.add(String.format(
                        Locale.ROOT,
                        "a cache line takes %.0f ns one way in a ping-pong here, %.0f to %.0f by the profile: points"
                                + " that share lines are of another machine",
                        here,
                        near,
                        far));
            }
        }
        double others = validation.points().stream()
                .map(Validation.Point::othersCpuShare)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0);
        if (others > Validation.MOST_OTHERS) {
            notes.add(String.format(
                    Locale.ROOT,
                    "other programs had up to %.0f %% of the CPUs: throughput is per CPU time where threads never"
                            + " sleep, and has no error where threads that share lines took turns; run it again on a"
                            + " quiet machine",
                    100 * others));
        }
        long restless = validation.points().stream()
                .filter(point -> point.windows() == 0)
                .count();
        if (restless > 0) {
            notes.add(String.format(
                    Locale.ROOT,
                    "the host slowed the CPUs down or moved them in most windows of %d of %d points: their throughput"
                            + " has no error; run it again at another hour",
                    restless,
                    validation.points().size()));
        }
        return notes;
    }

    private int verdict(Validation validation, boolean balanced, PrintWriter err) {
        if (!balanced) {
            err.println("rseqlab: violation: objects of the native driver were lost or doubled");
            return ExitCodes.VIOLATION;
        }
        return told(tolerance == null ? List.of() : validation.past(tolerance), err);
    }

    private int told(List<String> past, PrintWriter err) {
        past.forEach(what -> err.println("rseqlab: past --tolerance " + tolerance + ": " + what));
        return past.isEmpty() ? ExitCodes.DONE : ExitCodes.TOLERANCE;
    }
}
