package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine without tracing says so in one sentence; one with it is left as it was found. */
class TracefsInstanceTest {
    @TempDir
    Path root;

    @BeforeEach
    void linux() throws IOException {
        Files.createDirectories(root.resolve("proc"));
        Files.writeString(root.resolve("proc/filesystems"), "nodev\ttracefs\n\text4\n");
    }

    private Path instances(String place) throws IOException {
        return Files.createDirectories(root.resolve(place).resolve("instances"));
    }

    /** An instance where this machine and user can have one. */
    static TracefsInstance real() {
        try {
            return TracefsInstance.open(256);
        } catch (NativeException e) {
            assumeThat(e).as("cannot record here").isNull();
            throw e;
        }
    }

    @Test
    void aKernelWithoutTracefsIsSaidToBeOne() throws IOException {
        Files.writeString(root.resolve("proc/filesystems"), "\text4\n");
        assertThatThrownBy(() -> Tracefs.open(root))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("this kernel has no tracefs");
    }

    @Test
    void aMachineThatIsNotLinuxIsSaidToBeNone() {
        assertThatThrownBy(() -> Tracefs.open(root.resolve("nowhere")))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("recording runs on Linux");
    }

    @Test
    void tracefsIsFoundWhereItIsMounted() throws IOException {
        Path old = instances("sys/kernel/debug/tracing");
        assertThat(Tracefs.open(root).folder()).isEqualTo(old.getParent());
        Path today = instances("sys/kernel/tracing");
        assertThat(Tracefs.open(root).folder()).isEqualTo(today.getParent());
    }

    @Test
    void whoeverIsNotRootIsToldSo() throws IOException {
        Path instances = instances("sys/kernel/tracing");
        Files.setPosixFilePermissions(instances, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeThat(Files.isWritable(instances)).as("root may write anywhere").isFalse();
        assertThatThrownBy(() -> TracefsInstance.open(Tracefs.open(root), 256))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("recording needs root");
    }

    @Test
    void whatAKilledRecorderLeftIsRemovedAndWhatALiveOneUsesIsNot() throws IOException {
        Path instances = instances("sys/kernel/tracing");
        Path dead = Files.createDirectory(instances.resolve("rseqlab-999999999"));
        Path alive = Files.createDirectory(instances.resolve("rseqlab-1"));
        Path foreign = Files.createDirectory(instances.resolve("somebody"));
        TracefsInstance.open(Tracefs.open(root), 256);
        assertThat(dead).doesNotExist();
        assertThat(alive).exists();
        assertThat(foreign).exists();
    }

    @Test
    void anInstanceIsGoneOnceItIsClosed() {
        Path folder;
        try (TracefsInstance instance = real()) {
            folder = instance.folder();
            assertThat(folder.getFileName().toString())
                    .startsWith("rseqlab-" + ProcessHandle.current().pid());
            assertThat(instance.recording()).isFalse();
            instance.start();
            assertThat(instance.recording()).isTrue();
            instance.stop();
            assertThat(instance.lost()).isZero();
        }
        assertThat(folder).doesNotExist();
    }

    @Test
    void eventsThatThisKernelDoesNotHaveAreNamedAndTheOthersRecorded() throws IOException {
        try (TracefsInstance instance = real()) {
            assertThat(instance.enable(List.of("sched:sched_switch", "rseq:no_such_event", "nobody:at_all")))
                    .containsExactly("rseq:no_such_event", "nobody:at_all");
            Path enabled = instance.folder().resolve("events/sched/sched_switch/enable");
            assertThat(Files.readString(enabled)).startsWith("1");
        }
    }
}
