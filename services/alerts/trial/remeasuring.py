"""A recorded standing measured anew where another profile measures otherwise (rule 5). Pure.

How large a range has to be to be divided (`min_range_tols`), from which share of the way the ratio counts (`p_min`).
"""

from fractions import Fraction

import msgspec

from contracts.events import Exact, Standing
from contracts.numbers import published
from contracts.programme import Profile


def remeasured(standing: Standing, profile: Profile) -> Standing:
    """The standing as metrics would have written it under this profile; the same one where nothing differs."""
    exact = standing.exact
    if standing.mode not in ("share", "bound") or standing.goal != "reach" or not _on_its_way(standing):
        return standing
    start, target, tolerance = Fraction(exact.start or 0), Fraction(exact.target or 0), Fraction(exact.tolerance or 0)
    span = standing.direction * (target - start)
    if span <= profile.min_range_tols * tolerance:
        return standing if standing.mode == "bound" else _bound(standing)
    return _share(standing, start, target, Fraction(profile.p_min))


def _on_its_way(standing: Standing) -> bool:
    """Whether there is a stretch from S to a better T at all (rules 4.4 and 4.9)."""
    exact = standing.exact
    if exact.start is None or exact.target is None or exact.expected is None or exact.actual is None:
        return False
    on, until = standing.baseline_on, standing.target_on
    ahead = standing.direction * (Fraction(exact.target) - Fraction(exact.start)) > 0
    return ahead and on is not None and until is not None and on < until


def _share(standing: Standing, start: Fraction, target: Fraction, p_min: Fraction) -> Standing:
    actual, expected = Fraction(standing.exact.actual or 0), Fraction(standing.exact.expected or 0)
    owed, span = expected - start, target - start
    lag = 100 * (expected - actual) / span
    ratio = (actual - start) / owed if owed and owed / span >= p_min else None
    return _measured(standing, "share", lag, ratio)


def _bound(standing: Standing) -> Standing:
    return _measured(standing, "bound", None, None)


def _measured(standing: Standing, mode: str, lag: Fraction | None, ratio: Fraction | None) -> Standing:
    exact = msgspec.structs.replace(standing.exact, lag=_written(lag), ratio=_written(ratio))
    if (standing.mode, standing.exact) == (mode, exact):
        return standing
    return msgspec.structs.replace(
        standing,
        mode="share" if mode == "share" else "bound",
        exact=exact,
        lag=None if lag is None else published(lag, 3),
        ratio=None if ratio is None else published(ratio, 3),
        short_pct=standing.short_pct if mode == "share" else _short_pct(exact),
    )


def _short_pct(exact: Exact) -> str | None:
    expected = Fraction(exact.expected or 0)
    return published(100 * Fraction(exact.short or 0) / abs(expected), 3) if expected else None


def _written(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"
