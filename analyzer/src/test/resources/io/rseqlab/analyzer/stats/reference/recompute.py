#!/usr/bin/env python3
"""Computes the statistics of a comparison again, from the runs' own figures in it, with NumPy and SciPy.

    rseqlab compare RUNS --baseline STRATEGY --format json > comparison.json
    python3 recompute.py comparison.json

Means, t intervals, ratios, paired t intervals, p values (t and sign flips) and Holm's correction must
be the same but for rounding. Ends of bootstrap-t intervals are drawn anew, forty times, and must lie
no farther from the middle of these drawings than twice the way from their least to their most, which
is long in tails of few runs. Exit code 1 where they do not.
"""
import collections
import json
import sys

import numpy
from scipy import stats

DRAWS = 10_000  # as many as the program draws
DRAWINGS = 40
LEAST_RANGE = 0.05  # in standard errors
ROUNDING = 1e-9
LEAST_ERROR = 1e-12  # below it log ratios do not vary

worst = collections.Counter()
count = collections.Counter()


def note(quantity, off):
    count[quantity] += 1
    worst[quantity] = max(worst[quantity], abs(off))


def standard_error(values):
    return values.std(ddof=1) / numpy.sqrt(len(values))


def half_width(values):
    return stats.t.ppf(0.975, len(values) - 1) * standard_error(values)


def estimates(cell):
    for strategy in cell["strategies"]:
        for metric in strategy["metrics"].values():
            values = numpy.array(metric["values"], float)
            if len(values) < 2 or metric.get("mean") is None:
                continue
            mean = values.mean()
            scale = max(abs(mean), 1e-300)
            note("mean", (mean - metric["mean"]) / scale)
            interval = metric.get("interval")
            if interval and interval["method"] == "t" and interval["low"] != 0:  # 0: cut, none is negative
                note("t interval", (mean - half_width(values) - interval["low"]) / scale)
                note("t interval", (mean + half_width(values) - interval["high"]) / scale)


def bootstrap_t(logs, rng):
    drawn = logs[rng.integers(0, len(logs), (DRAWS, len(logs)))]
    errors = drawn.std(axis=1, ddof=1) / numpy.sqrt(len(logs))
    varies = errors > 1e-15
    t = (drawn.mean(axis=1)[varies] - logs.mean()) / errors[varies]
    return -numpy.quantile(t, [0.975, 0.025])


def ranges(logs, ends, rng):
    """How far the ends of an interval are from the middle of drawings, by their range, at most."""
    drawings = numpy.array([bootstrap_t(logs, rng) for _ in range(DRAWINGS)])
    low, high = drawings.min(axis=0), drawings.max(axis=0)
    off = (ends - logs.mean()) / standard_error(logs) - (low + high) / 2
    return (abs(off) / numpy.maximum(high - low, LEAST_RANGE)).max()


def sign_flips(logs):
    signs = ((numpy.arange(2 ** len(logs))[:, None] >> numpy.arange(len(logs))) & 1) * 2 - 1
    total = abs(logs.sum())
    return (abs((signs * logs).sum(axis=1)) >= total * (1 - 1e-12)).mean()


def contrast(one, cell, rng):
    by_name = {strategy["strategy"]: strategy["metrics"] for strategy in cell["strategies"]}
    ours, theirs = (numpy.array(by_name[one[who]][one["metric"]]["values"], float) for who in ("strategy", "baseline"))
    if one.get("ratio") is None or len(ours) != len(theirs) or min(ours.min(), theirs.min()) <= 0:
        return
    logs = numpy.log(ours / theirs)
    note("ratio", logs.mean() - numpy.log(one["ratio"]))
    if len(logs) < 2 or standard_error(logs) < LEAST_ERROR:
        return
    interval = one.get("interval")
    if interval:
        ends = numpy.log([interval["low"], interval["high"]])
        if "bootstrap" in interval["method"]:
            note("bootstrap-t interval", ranges(logs, ends, rng))
        else:
            note("paired t interval", abs(logs.mean() + half_width(logs) * numpy.array([-1, 1]) - ends).max())
    if one.get("p") is not None:
        exact = "flip" in one["test"] or "permutation" in one["test"]
        p = sign_flips(logs) if exact else stats.ttest_1samp(logs, 0).pvalue
        note("p", p / one["p"] - 1)


def holm(family):
    least = 0
    for i, (p, corrected) in enumerate(sorted(family)):
        least = max(least, min(1, p * (len(family) - i)))
        note("Holm", least - corrected)


def main():
    with open(sys.argv[1]) as file:
        document = json.load(file)
    rng = numpy.random.default_rng(1)
    families = collections.defaultdict(list)
    for cell in document["cells"]:
        estimates(cell)
        for one in cell["contrasts"]:
            contrast(one, cell, rng)
            if one.get("p") is not None:
                families[one["metric"]].append((one["p"], one["p_holm"]))
    for family in families.values():
        holm(family)
    off = False
    for quantity in sorted(count):
        allowed = 2 if quantity.startswith("bootstrap") else ROUNDING
        off |= worst[quantity] > allowed
        print(f"{quantity}: {count[quantity]} numbers, off by {worst[quantity]:.2g} at most, {allowed:g} allowed")
    return 1 if off or not count["ratio"] else 0


if __name__ == "__main__":
    sys.exit(main())
