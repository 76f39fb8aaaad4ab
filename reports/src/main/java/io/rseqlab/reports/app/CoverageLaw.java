package io.rseqlab.reports.app;

import java.util.random.RandomGenerator;

/** Laws that coverage is simulated under, with mean 0 and standard deviation 1. */
enum CoverageLaw {
    NORMAL("normal") {
        @Override
        double draw(RandomGenerator random) {
            return random.nextGaussian();
        }
    },
    HEAVY("heavy tails (t, 5 degrees of freedom)") {
        @Override
        double draw(RandomGenerator random) {
            double squares = 0;
            for (int i = 0; i < 5; i++) {
                squares += Math.pow(random.nextGaussian(), 2);
            }
            return random.nextGaussian() / Math.sqrt(squares / 5) / Math.sqrt(5.0 / 3);
        }
    },
    TWO_STATES("two states, 3 to 1") {
        @Override
        double draw(RandomGenerator random) {
            double state = random.nextInt(4) == 0 ? Math.sqrt(3) : -1 / Math.sqrt(3);
            return (state + 0.3 * random.nextGaussian()) / Math.sqrt(1.09);
        }
    },
    SKEWED("skewed (exponential)") {
        @Override
        double draw(RandomGenerator random) {
            return random.nextExponential() - 1;
        }
    };

    private final String words;

    CoverageLaw(String words) {
        this.words = words;
    }

    abstract double draw(RandomGenerator random);

    @Override
    public String toString() {
        return words;
    }
}
