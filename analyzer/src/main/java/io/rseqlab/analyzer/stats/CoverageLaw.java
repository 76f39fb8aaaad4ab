package io.rseqlab.analyzer.stats;

import java.util.random.RandomGenerator;

/** Laws that coverage is simulated under, with mean 0 and standard deviation 1. */
public enum CoverageLaw {
    /** Gauss's. */
    NORMAL("normal") {
        @Override
        public double draw(RandomGenerator random) {
            return random.nextGaussian();
        }
    },
    /** Student's, with tails that hold more. */
    HEAVY("heavy tails (t, 5 degrees of freedom)") {
        @Override
        public double draw(RandomGenerator random) {
            double squares = 0;
            for (int i = 0; i < 5; i++) {
                squares += Math.pow(random.nextGaussian(), 2);
            }
            return random.nextGaussian() / Math.sqrt(squares / 5) / Math.sqrt(5.0 / 3);
        }
    },
    /** One of two values, the rarer one a quarter of the time, with some noise. */
    TWO_STATES("two states, 3 to 1") {
        @Override
        public double draw(RandomGenerator random) {
            double state = random.nextInt(4) == 0 ? Math.sqrt(3) : -1 / Math.sqrt(3);
            return (state + 0.3 * random.nextGaussian()) / Math.sqrt(1.09);
        }
    },
    /** Exponential: most lie below the mean, and some far above. */
    SKEWED("skewed (exponential)") {
        @Override
        public double draw(RandomGenerator random) {
            return random.nextExponential() - 1;
        }
    };

    private final String words;

    CoverageLaw(String words) {
        this.words = words;
    }

    /** One value. */
    public abstract double draw(RandomGenerator random);

    @Override
    public String toString() {
        return words;
    }
}
