package io.rseqlab.collector.strategy.block;

import java.util.ArrayList;
import java.util.List;

/**
 * Code that is rarely executed, kept aside while the common path is written and placed behind it, as compilers do: so
 * that the common path falls through.
 */
public final class Cold {
    private final List<Runnable> parts = new ArrayList<>();

    /** Keeps a part for later. It must not fall through its end. */
    public void later(Runnable part) {
        parts.add(part);
    }

    /** Places all parts here, also those that parts themselves add. */
    public void place() {
        for (int i = 0; i < parts.size(); i++) {
            parts.get(i).run();
        }
        parts.clear();
    }
}
