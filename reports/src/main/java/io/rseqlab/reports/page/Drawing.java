package io.rseqlab.reports.page;

import io.rseqlab.reports.chart.Picture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** A picture that is drawn beside the rest of the page: by another thread, or by whoever asks for it first. */
final class Drawing {
    private final FutureTask<Picture> task;

    private Drawing(Supplier<Picture> chart) {
        task = new FutureTask<>(chart::get);
    }

    /** Has a chart drawn when a processor is free. Nobody may change what it is made of any more. */
    static Drawing begin(Supplier<Picture> chart) {
        Drawing drawing = new Drawing(chart);
        ForkJoinPool.commonPool().execute(drawing.task);
        return drawing;
    }

    /** The picture, drawn here if nobody has begun. */
    Picture picture() {
        task.run();
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while drawing", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause(); // a supplier throws no others
        }
    }
}
