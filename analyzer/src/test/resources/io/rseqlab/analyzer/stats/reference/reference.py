#!/usr/bin/env python3
"""Reference numbers for the tests of io.rseqlab.analyzer.stats, from SciPy and mpmath.

    python3 reference.py > reference.csv

One line per number: case, inputs (separated by ;), quantity, value. Exact counts
(Clopper-Pearson, Garwood) come from mpmath at 40 digits, because SciPy itself is
approximate for rare events; sign flips are enumerated with integers.
"""
import itertools
import math

import mpmath
import numpy
import scipy
from scipy import stats

mpmath.mp.dps = 40


def row(case, inputs, quantity, value):
    print(f"{case},{';'.join(repr(x) for x in inputs)},{quantity},{float(value)!r}")


def bisect(low, high, rising):
    """The point where a rising function turns from negative to positive."""
    for _ in range(200):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_cdf(a, b, x):
    return mpmath.betainc(a, b, 0, x, regularized=True)


def proportions():
    for k, n, level in [(0, 20, 0.95), (20, 20, 0.95), (7, 21, 0.95), (81, 263, 0.95), (15, 148, 0.9),
                        (1, 1, 0.95), (0, 1, 0.99), (3, 1000000000, 0.95), (81, 100000, 0.99)]:
        result = stats.binomtest(k, n)
        wilson = result.proportion_ci(level, "wilson")
        row("wilson", [k, n, level], "low", wilson.low)
        row("wilson", [k, n, level], "high", wilson.high)
        tail = mpmath.mpf(1 - level) / 2
        # Brackets a little wider than any answer keep the bisection well inside betainc's easy range.
        top = min(mpmath.mpf(1), mpmath.mpf(k + 30) * 3 / n)
        low = 0 if k == 0 else bisect(mpmath.mpf(0), top, lambda x: beta_cdf(k, n - k + 1, x) - tail)
        high = 1 if k == n else bisect(mpmath.mpf(0), top, lambda x: beta_cdf(k + 1, n - k, x) - (1 - tail))
        row("clopper-pearson", [k, n, level], "low", low)
        row("clopper-pearson", [k, n, level], "high", high)


def rates():
    for k, exposure, level in [(0, 1.0, 0.95), (1, 1.0, 0.95), (10, 1.0, 0.95), (10, 4.0, 0.9), (1000, 2.5, 0.99)]:
        tail = mpmath.mpf(1 - level) / 2
        cdf = lambda shape, x: mpmath.gammainc(shape, 0, x, regularized=True)
        top = mpmath.mpf(10 * k + 50)
        low = 0 if k == 0 else bisect(mpmath.mpf(0), top, lambda x: cdf(k, x) - tail)
        high = bisect(mpmath.mpf(0), top, lambda x: cdf(k + 1, x) - (1 - tail))
        row("garwood", [k, exposure, level], "low", low / exposure)
        row("garwood", [k, exposure, level], "high", high / exposure)


def binomials():
    for k, n, p in [(4, 20, 0.5), (3, 20, 0.05), (0, 30, 0.1), (60, 100, 0.5), (0, 5, 0.0), (5, 5, 1.0),
                    (520, 1000, 0.5), (12, 1000000, 4e-6)]:
        at_most = stats.binom.cdf(k, n, p)
        at_least = stats.binom.sf(k - 1, n, p)
        row("binomial", [k, n, p], "p", min(1, 2 * min(at_most, at_least)))


# Student's sleep data (Biometrika 6, 1908): extra hours of sleep under two drugs, the same ten patients.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# Throughputs of ten seeds, made up, with a common effect of the seed.
CANDIDATE = [118.2, 121.9, 117.4, 130.1, 125.6, 119.3, 122.8, 127.7, 116.5, 124.4]
BASELINE = [101.3, 103.8, 99.7, 108.9, 107.2, 100.4, 104.1, 106.6, 100.9, 103.3]
# Clearly skewed.
SKEWED = [1.0, 1.1, 1.25, 1.3, 1.42, 1.5, 1.61, 1.7, 2.4, 9.0]


def sign_flip(differences, scale):
    """Exact p by counting all patterns, in integers."""
    d = [round(x * scale) for x in differences]
    observed = abs(sum(d))
    hits = sum(abs(sum(s * x for s, x in zip(signs, d))) >= observed
               for signs in itertools.product((-1, 1), repeat=len(d)))
    return hits / 2 ** len(d)


def means():
    differences = numpy.round(numpy.array(SLEEP_2) - numpy.array(SLEEP_1), 10)
    interval = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    row("t", list(map(float, differences)), "low", interval.low)
    row("t", list(map(float, differences)), "high", interval.high)
    row("sign-flip", list(map(float, differences)), "p", sign_flip(differences, 10))
    for sample in (differences, SKEWED, BASELINE):
        row("skewness", list(map(float, sample)), "g1", stats.skew(sample, bias=False))


def ratios():
    log = numpy.log(numpy.array(CANDIDATE)) - numpy.log(numpy.array(BASELINE))
    interval = stats.ttest_1samp(log, 0).confidence_interval(0.95)
    row("ratio", CANDIDATE + BASELINE, "value", math.exp(log.mean()))
    row("ratio", CANDIDATE + BASELINE, "low", math.exp(interval.low))
    row("ratio", CANDIDATE + BASELINE, "high", math.exp(interval.high))
    row("ratio", CANDIDATE + BASELINE, "p", stats.permutation_test(
        (log,), numpy.mean, permutation_type="samples", n_resamples=numpy.inf).pvalue)
    row("ratio", CANDIDATE + BASELINE, "correlation", stats.pearsonr(numpy.log(CANDIDATE), numpy.log(BASELINE))[0])


def bootstrap():
    """Studentised bootstrap by SciPy-independent brute force: the limit of many resamples."""
    generator = numpy.random.default_rng(20240501)
    x = numpy.array(SKEWED)
    n = len(x)
    t = []
    for _ in range(20):
        resamples = x[generator.integers(0, n, size=(100_000, n))]
        spread = resamples.std(axis=1, ddof=1)
        good = spread > 0
        t.append((resamples.mean(axis=1)[good] - x.mean()) / (spread[good] / math.sqrt(n)))
    low, high = numpy.quantile(numpy.concatenate(t), [0.025, 0.975])
    error = x.std(ddof=1) / math.sqrt(n)
    row("bootstrap-t", SKEWED, "low", x.mean() - high * error)
    row("bootstrap-t", SKEWED, "high", x.mean() - low * error)


def correlations():
    ties = [1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 5.0, 8.0]
    other = [2.0, 1.0, 4.0, 3.0, 3.0, 9.0, 7.0, 8.0]
    row("pearson", ties + other, "r", stats.pearsonr(ties, other)[0])
    row("spearman", ties + other, "rho", stats.spearmanr(ties, other)[0])


print(f"# scipy {scipy.__version__}, numpy {numpy.__version__}, mpmath {mpmath.__version__}")
print("case,inputs,quantity,value")
proportions()
rates()
binomials()
means()
ratios()
bootstrap()
correlations()
