package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.spec.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose interrupts leave the threads no time are refused before they begin: they would not end. */
class KernelShareTest {
    @TempDir
    Path folder;

    private static RunRequest request(String machine, String workload, int threads) {
        return RunRequest.of("rseq-freelist", workload).machine(machine).threads(threads);
    }

    @Test
    void ticksDearerThanTheirPeriodAreRefused() {
        assertThatThrownBy(() -> RunSpecs.resolve(
                        request("zen5-vm-2", "churn:signal_hz=20000", 4).tick(1e-6), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--tick 1us and signal_hz=20000 to each of 4 threads on zen5-vm-2")
                .hasMessageContaining("% of the CPUs")
                .hasMessageContaining("a longer --tick");
        assertThatThrownBy(() -> RunSpecs.resolve(
                        request(profileWithSwitch(12), "churn", 4).cpus(2).tick(1e-6), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--tick 1us on")
                .hasMessageEndingWith("ask for a longer --tick");
        assertThatCode(() -> RunSpecs.resolve(request("zen5-vm-2", "churn", 4).tick(1e-5), 1))
                .doesNotThrowAnyException();
    }

    private String profileWithSwitch(int us) {
        try {
            Path file = folder.resolve("slow.toml");
            String text =
                    "name = \"slow\"\n[kernel]\nswitch = { value = " + us + ", unit = \"us\", source = \"test\" }\n";
            return Files.writeString(file, text).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void signalsThatTakeAllOfTheCpusAreRefused() {
        String storm = "churn:signal_hz=100000";
        assertThatThrownBy(() -> RunSpecs.resolve(request("zen5-vm-2", storm, 8), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("signal_hz=100000 to each of 8 threads on zen5-vm-2")
                .hasMessageContaining("fewer signals");
        assertThatCode(() -> RunSpecs.resolve(request("zen5-vm-2", "churn:signal_hz=10000", 8), 1))
                .doesNotThrowAnyException();
    }

    /** A thread alone, a tick of 1 us that is charged an eighth of it, and what the kernel counts as its own time. */
    @Test
    void theShareIsTheOneThatARunHas() {
        MachineProfile machine = ProfileReader.shipped("zen5-vm-2");
        assertThat(KernelShare.of(machine, 2, 1e-6, 0)).isEqualTo(1.0 / 8);
        double clock = machine.clockHz();
        double perSignal = machine.cost("kernel.timer_interrupt")
                + machine.cost("kernel.signal")
                + machine.cost("kernel.signal_return")
                + machine.cost("kernel.abort");
        assertThat(KernelShare.of(machine, 2, 0, 1000) - KernelShare.of(machine, 2, 0, 0))
                .isCloseTo(1000 * perSignal / clock, within(1e-9));
    }
}
