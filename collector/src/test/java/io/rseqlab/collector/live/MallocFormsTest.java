package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.malloc.MallocOrigin;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text forms of other recorders are read as those write them. */
class MallocFormsTest {
    private static final String ANDROID = "7: malloc 0x10 8 100 105\n7: free 0x10 200 203\n";

    @TempDir
    Path scratch;

    private final List<String> events = new ArrayList<>();

    private MallocText.Outcome read(String form, String text) throws IOException {
        Path file = scratch.resolve("text");
        Files.writeString(file, text);
        return read(form, file);
    }

    private MallocText.Outcome read(String form, Path file) {
        return read(form, file, true);
    }

    private MallocText.Outcome read(String form, Path file, boolean strict) {
        events.clear();
        return MallocText.open(file, form)
                .read(
                        e -> events.add(e.kind + " " + e.thread + " " + e.id + " " + e.oldId + " " + e.sizeBytes + " @"
                                + e.timeNanos + "+" + e.durationNanos),
                        strict);
    }

    @Test
    void androidWithTimes() throws IOException {
        assertThat(read("auto", ANDROID).origin()).isEqualTo(new MallocOrigin("android", true, true, true, false));
        assertThat(events).containsExactly("ALLOCATE 0 0 -1 8 @0+5", "FREE 0 0 -1 0 @100+3");
    }

    @Test
    void mtraceIsOfASingleThread() throws IOException {
        String text = "= Start\n"
                + "@ ./a b:(main+0x1)[0x401] + 0x10 0x20\n"
                + "@ ./a b:[0x402] < 0x10\n"
                + "@ ./a b:[0x402] > 0x30 0x40\n"
                + "@ ./a b:[0x403] ! 0x30 0xffff\n"
                + "@ ./a b:[0x404] - 0x30\n"
                + "= End\n";
        MallocText.Outcome outcome = read("auto", text);
        assertThat(outcome.origin()).isEqualTo(new MallocOrigin("mtrace", false, false, false, false));
        assertThat(outcome.repairs().failedRequests()).isEqualTo(1);
        assertThat(events)
                .containsExactly(
                        "ALLOCATE 0 0 -1 32 @0+0",
                        "REALLOCATE 0 1 0 64 @0+0",
                        "NOTHING 0 -1 -1 0 @0+0",
                        "FREE 0 1 -1 0 @0+0");
    }

    @Test
    void heaptrackHasTimeInBetween() throws IOException {
        String text = "v 10500 3\nx /bin/a b\nI 1000 8\nt 1 0\nc 5\n+ 20 1 7f10\nc 7\n- 7f10\nR 100\n";
        assertThat(read("auto", text).origin()).isEqualTo(new MallocOrigin("heaptrack", false, true, false, false));
        assertThat(events).containsExactly("ALLOCATE 0 0 -1 32 @0+0", "FREE 0 0 -1 0 @2000000+0");
    }

    @Test
    void columnsAreAsTheUserSays() throws IOException {
        String form = "columns:time=1,thread=2,op=3,size=4,count=5,address=6,old=7,separator=comma,time_unit=us,skip=1";
        String text = "time,tid,op,size,n,result,old\n"
                + "10.5,300,calloc,8,4,0xa0,\n"
                + "11,301,realloc,64,,b0,a0\n"
                + "12,301,free,,,b0,\n";
        assertThat(read(form, text).origin()).isEqualTo(new MallocOrigin("columns", true, true, false, false));
        assertThat(events)
                .containsExactly("ALLOCATE 0 0 -1 32 @0+0", "REALLOCATE 1 1 0 64 @500+0", "FREE 1 1 -1 0 @1500+0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "columns:op=1,size=2 | address=N",
                "columns:op=1,size=2,address=0 | address=0 is not allowed",
                "columns:op=1,size=2,address=3,colour=4 | no 'colour'",
                "columns:op=1,size=2,address=3,time_unit=h | ms, ns, s, us",
                "columns:op | not key=value",
                "androids | 'androids'"
            })
    void aWrongFormIsSaidToBeSo(String form, String message) {
        assertThatThrownBy(() -> MallocText.open(scratch.resolve("none"), form))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void archivesAreReadThrough() throws IOException {
        Path zip = scratch.resolve("a.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("folder/"));
            out.putNextEntry(new ZipEntry("folder/a.txt"));
            out.write(ANDROID.getBytes(StandardCharsets.US_ASCII));
        }
        Path gz = scratch.resolve("a.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
            out.write(ANDROID.getBytes(StandardCharsets.US_ASCII));
        }
        for (Path file : List.of(zip, gz)) {
            read("auto", file);
            assertThat(events).hasSize(2);
        }
        byte[] whole = Files.readAllBytes(gz);
        Files.write(gz, java.util.Arrays.copyOf(whole, whole.length - 12));
        assertThatThrownBy(() -> read("android", gz)).isInstanceOf(TraceException.class);
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstCall() throws IOException {
        for (String form : List.of("auto", "android")) {
            assertThat(read(form, "\uFEFF" + ANDROID).repairs().skippedLines()).isZero();
            assertThat(events).hasSize(2);
        }
        read("columns:op=1,address=2,size=3", "\uFEFFmalloc 10 8\nfree 10\n");
        assertThat(events).hasSize(2);
    }

    @Test
    void aLineThatIsNoCallIsNamed() {
        assertThatThrownBy(() -> read("android", "7: malloc 0x10 8\n7: mallok 0x20 8\n7: free 0x10\n"))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("line 2 of")
                .hasMessageContaining("7: mallok 0x20 8");
        assertThatThrownBy(() -> read("android", "7: malloc 0xzz 8\n7: free 0x10\n"))
                .hasMessageContaining("line 1");
        assertThatThrownBy(() -> read("android", "7: calloc 0x10 4294967296 4294967296\n7: free 0x10\n"))
                .as("no size holds that many bytes")
                .hasMessageContaining("line 1");
        assertThatThrownBy(() -> read("columns:op=1,address=2,size=3", "realloc 10 8\nfree 10\n"))
                .hasMessageContaining("old=N");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.5;7;mallok;8;a0;0;1 | column 3 (op) is 'mallok', no name of a call",
                "1.5;main;malloc;8;a0;0;1 | column 2 (thread) is 'main', no number",
                "1.5;7;malloc;8 B;a0;0;1 | column 4 (size) is '8 B', no number",
                "1.5;7;malloc;8;0xzz;0;1 | column 5 (address) is '0xzz', no number",
                "1.5;7;free;;a0;first;1 | column 6 (cpu) is 'first', no number",
                "12:30;7;free;;a0;0;1 | column 1 (time) is '12:30', no number",
                "1.5;7;free;;a0;0;- | column 7 (duration) is '-', no number",
                "1.5;7;free;;a0;0 | column 7 (duration) is not there",
                "1.5;7;realloc;8;a0;0;1 | no column is said to hold the old address"
            })
    void theColumnThatCannotBeReadIsNamed(String line, String words) {
        String form = "columns:time=1,thread=2,op=3,size=4,address=5,cpu=6,duration=7,separator=semicolon";
        assertThatThrownBy(() -> read(form, "1;7;malloc;8;a0;0;1\n" + line + "\n2;7;free;;a0;0;1\n"))
                .isInstanceOf(TraceException.class)
                .hasMessageContainingAll("line 2 of", words);
    }

    /** One line in a hundred, at most a hundred: more are another form, or no recording. */
    @Test
    void someBadLinesAreSkippedAndNamed() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= 300; i++) {
            boolean bad = List.of(40, 41, 250, 300).contains(i);
            text.append(bad ? "avc: denied { read }\n" : "7: malloc 0x" + i + "0 8\n");
        }
        Path file = Files.writeString(scratch.resolve("dirty"), text);
        BadLines bad = read("auto", file, false).bad();
        assertThat(events).hasSize(296);
        assertThat(bad.numbers()).containsExactly(40L, 41L, 250L, 300L);
        assertThat(bad.words()).isEqualTo("4 lines are no call of this form and were skipped: lines 40, 41, 250, 300");
        assertThatThrownBy(() -> read("auto", file, true)).hasMessageContainingAll("line 40 of", "avc: denied");
        Path worse = Files.writeString(scratch.resolve("worse"), text.toString().replaceAll("7: malloc 0x5.0 8", "?"));
        assertThatThrownBy(() -> read("auto", worse, false))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("line 40 of")
                .hasMessageContaining("14 of 300 lines are none");
    }

    @Test
    void aShortTextHasNoMoreBadLinesThanCalls() throws IOException {
        Path even = Files.writeString(scratch.resolve("even"), "hello\n7: malloc 0x10 8\n");
        assertThat(read("android", even, false).bad().numbers()).containsExactly(1L);
        for (String text : List.of("7: free 0x10\nhello\nworld\n", "hello\n# a\n7: free 0x10\nworld", "hello\n# a\n")) {
            Path worse = Files.writeString(scratch.resolve("worse"), text);
            assertThatThrownBy(() -> read("android", worse, false))
                    .isInstanceOf(TraceException.class)
                    .hasMessageContainingAll("line ", "'hello'", "as many calls", "--format");
        }
    }

    @Test
    void aLastLineCutShortIsSkipped() throws IOException {
        assertThat(read("android", ANDROID + "7: mal").repairs().skippedLines()).isEqualTo(1);
        assertThat(events).hasSize(2);
    }

    /** A line that was ended is whole, and nobody was killed while he wrote it. */
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void aLastLineThatWasEndedIsABadLineLikeAnyOther(String end) throws IOException {
        Path file = Files.writeString(scratch.resolve("text"), ANDROID + "7: mal" + end);
        assertThat(read("android", file, false).bad().numbers()).containsExactly(3L);
        assertThat(events).hasSize(2);
        assertThatThrownBy(() -> read("android", file, true)).hasMessageContainingAll("line 3 of", "7: mal");
        Path cut = Files.writeString(scratch.resolve("cut"), ANDROID + "7: mal");
        assertThat(read("android", cut, true).bad().count()).isZero();
    }

    @Test
    void textWithoutCallsIsRefused() {
        assertThatThrownBy(() -> read("auto", "hello\nworld\n")).hasMessageContaining("--format");
        assertThatThrownBy(() -> read("android", "# nothing\n")).hasMessageContaining("holds no malloc call");
        assertThatThrownBy(() -> read("auto", "")).isInstanceOf(TraceException.class);
        assertThatThrownBy(() -> read("auto", scratch)).hasMessageContaining("is a directory");
    }
}
