package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be compared is refused in one line, before anything is measured. */
class ValidateCommandTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "--grid, huge, there is no grid 'huge'",
        "--format, csv, expected one of [TABLE, JSON]",
        "--tolerance, -0.1, --tolerance must be",
        "--grid, full --strategy percpu-lock, leave --grid out",
        "--published, --strategy percpu-lock, leave --published out",
        "--machine, zen4-vm, zen4-vm-2"
    })
    void whatIsAskedWronglyIsNamed(String option, String values, String said) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] arguments = ("validate " + option + " " + values).split(" ");
        int code = Main.run(printer(out), printer(err), arguments);
        assertThat(code).isEqualTo(ExitCodes.USAGE);
        assertThat(out.size()).isZero();
        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.get(0)).startsWith("rseqlab: ").contains(said);
        assertThat(lines.subList(1, lines.size())).allMatch(line -> line.equals("Try: rseqlab validate --help"));
    }

    @Test
    void aProfileOfTheProcessorsSiblingIsSaidToBeOne() {
        MachineProfile profile = ProfileReader.shipped("turin-vm-2");
        assertThat(ValidateCommand.sibling(2.6e9, profile)).isNull();
        assertThat(ValidateCommand.sibling(Double.NaN, profile)).isNull();
        assertThat(ValidateCommand.sibling(2.096e9, profile))
                .contains("2096 MHz", "2596 MHz on turin-vm-2", "calibrate");
    }

    @Test
    void aResultThatCannotBeWrittenIsRefusedBeforeTheWork() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Path nowhere = folder.resolve("missing").resolve("result.json");
        int code =
                Main.run(printer(new ByteArrayOutputStream()), printer(err), "validate", "--out", nowhere.toString());
        assertThat(code).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(nowhere.toString());
        assertThat(Files.exists(nowhere)).isFalse();
    }

    private static PrintStream printer(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
