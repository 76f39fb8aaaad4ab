package io.rseqlab.reports.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {
    @TempDir
    Path folder;

    @Test
    void pageAndPicturesAreWritten() throws Exception {
        String wanted = System.getProperty("page.out");
        Path out = wanted == null ? folder : Path.of(wanted);
        long start = System.nanoTime();
        Path page = ReportPage.write(out, HandMade.model());
        System.err.println("ms " + (System.nanoTime() - start) / 1_000_000 + " bytes " + Files.size(page));
        assertThat(page).exists();
    }
}
