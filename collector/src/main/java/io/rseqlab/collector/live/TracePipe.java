package io.rseqlab.collector.live;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Copies what an instance records into a file, on a thread of its own. It empties the buffers and then leaves them
 * alone for a while: a reader that wakes for every event would take the CPU from those it watches.
 */
final class TracePipe {
    private static final long PAUSE_MS = 100;

    /** The kernel hands over up to 8 KiB at a time, and less than half of it only when it has no more. */
    private static final int EMPTIED_BYTES = 4096;

    private static final int BUFFER_BYTES = 1 << 16;

    /** How long one read may take once nothing is recorded any more; what is there comes at once. */
    private static final long QUIET_MS = 1000;

    private final TracefsInstance instance;
    private final Path file;
    private final FileChannel pipe;
    private final Thread thread = new Thread(this::copy, "trace-pipe");
    private volatile boolean stopping;
    private volatile long bytes;
    private volatile IOException failure;

    private TracePipe(TracefsInstance instance, Path file) throws IOException {
        this.instance = instance;
        this.file = file;
        pipe = FileChannel.open(instance.pipe(), StandardOpenOption.READ);
        thread.setDaemon(true);
    }

    /** Begins to copy. */
    static TracePipe start(TracefsInstance instance, Path file) throws IOException {
        TracePipe copy = new TracePipe(instance, file);
        copy.thread.start();
        return copy;
    }

    private void copy() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            for (int read = pipe.read(buffer); read >= 0; read = pipe.read(buffer)) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
                buffer.clear();
                bytes += read;
                if (read < EMPTIED_BYTES && !stopping) {
                    pause();
                }
            }
        } catch (AsynchronousCloseException e) {
            // Closed because nothing more comes.
        } catch (IOException e) {
            failure = e;
        }
    }

    private synchronized void pause() {
        try {
            wait(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends the recording and copies the rest. The pipe of an instance that was switched off ends behind its last event;
     * if there never was one it does not end, and is closed.
     *
     * @throws OutputException if the file could not be written
     */
    void finish() {
        instance.stop();
        stopping = true;
        synchronized (this) {
            notifyAll();
        }
        try {
            for (long before = -1; thread.isAlive() && bytes != before; ) {
                before = bytes;
                thread.join(QUIET_MS);
            }
            pipe.close();
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            failure = failure == null ? e : failure;
        }
        if (failure != null) {
            throw OutputException.cannotWrite(
                    file, failure, "; -Djava.io.tmpdir=DIR in RSEQLAB_JAVA_OPTS names another" + " folder for it");
        }
    }
}
