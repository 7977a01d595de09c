"""Where answers of Nugen do not agree with themselves or with what was asked.

What a list means that is asked without bounds is documented; the arithmetic of a comparison was
seen in a real answer.
"""

from __future__ import annotations

from collections import Counter
from statistics import fmean
from typing import TYPE_CHECKING

from mockserver.apis.nugen import benchmarks, evaluations
from mockserver.apis.recorded import Agreement, Recorded, lines, member, number, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PAGE = {"limit": 10, "offset": 0}
_IN_PROGRESS = "in_progress"
_LONGEST_NUMBER = 15
_ROUNDING = 0.02


def disagreements(exchange: Recorded) -> Iterator[Agreement]:
    """See `Reading`."""
    if not exchange.succeeded:
        return
    if exchange.operation == evaluations.LIST:
        yield from _of_a_page(exchange)
    elif exchange.operation in {evaluations.RESULTS, evaluations.DOWNLOAD}:
        yield from _of_results(exchange.told)
    elif exchange.operation == benchmarks.DATA:
        yield from _of_questions(exchange.told)


def _of_a_page(exchange: Recorded) -> Iterator[Agreement]:
    told, items = exchange.told, list(lines(exchange.told, "evaluations"))
    bounds = {name: _bound(exchange.query.get(name), default) for name, default in _PAGE.items()}
    for name, wanted in bounds.items():
        found = number(told, name)
        if None not in {wanted, found} and found != wanted:
            yield Agreement(f"body /{name}", f"{wanted}, as was asked", found)
    limit, offset, total = bounds["limit"], bounds["offset"], number(told, "total")
    if limit is not None and len(items) > limit:
        yield Agreement("body /evaluations", f"at most {limit} of them", len(items))
    if items and total is not None and offset is not None and total < offset + len(items):
        least = offset + len(items)
        yield Agreement("body /total", f"at least {least}, with those on this page", total)
    ids = Counter(text(item, "evaluation_id") for _, item in items)
    for id_, count in ids.items():
        if count > 1 and id_:
            yield Agreement("body /evaluations", f"{id_} once", f"{count} times")
    word = exchange.query.get("status")
    if word not in {None, "", _IN_PROGRESS}:
        for at, item in items:
            if text(item, "status") != word:
                place = f"body /evaluations/{at}/status"
                yield Agreement(place, f"{word}, as was asked", item.get("status"))


def _of_results(told: Mapping[str, object]) -> Iterator[Agreement]:
    compares = told.get("model_id_2") is not None
    method = told.get("method")
    if isinstance(method, str) and method != (expected := "eval-compare" if compares else "eval"):
        yield Agreement("body /method", f"{expected}, by model_id_2", method)
    if compares and isinstance(told.get("metrics"), dict):
        yield Agreement("body /metrics", "null where two models are compared", "metrics of one")
    if not compares and isinstance(told.get("comparison"), dict):
        yield Agreement("body /comparison", "null where there is one model", "a comparison")
    metrics = member(told, "metrics")
    correct, of_all = number(metrics, "correct_answers"), number(metrics, "total_questions")
    if correct is not None and of_all is not None and correct > of_all:
        yield Agreement("body /metrics/correct_answers", f"at most {of_all}", correct)
    yield from _of_comparison(told)


def _of_comparison(told: Mapping[str, object]) -> Iterator[Agreement]:
    """Seen: how much higher each score is, in per cent, and the same over all of them."""
    compared = member(told, "comparison")
    gains: list[float] = []
    for at, row in lines(compared, "metrics"):
        place, name = f"body /comparison/metrics/{at}", text(row, "metric")
        base, other, gain = (number(row, key) for key in ("base", "evaluated", "improvement_%"))
        for key, whose, score in (("base", "base_model", base), ("evaluated", "eval_model", other)):
            known = number(member(member(told, whose), "metrics"), name)
            if known is not None and score is not None and known != score:
                yield Agreement(f"{place}/{key}", f"{known}, as {whose} has it", score)
        if base is None or other is None or gain is None:
            continue
        gains.append(gain)
        expected = (other - base) / base * 100 if base else 0.0
        if abs(gain - expected) > _ROUNDING + _leeway(base, other):
            yield Agreement(f"{place}/improvement_%", f"{expected:.2f}", gain)
    summary = member(compared, "summary")
    for key, of in (("avg", fmean), ("max", max), ("min", min)):
        found = number(summary, f"{key}_improvement")
        if gains and found is not None and abs(found - of(gains)) > _ROUNDING:
            place = f"body /comparison/summary/{key}_improvement"
            yield Agreement(place, f"{of(gains):.2f}, of its rows", found)


def _leeway(base: float, other: float) -> float:
    """How far a gain may be off where it was computed before both scores were cut to 4 places."""
    return 0.01 * (1 + abs(other / base)) / abs(base) if base else 0.0


def _bound(said: str | None, default: int) -> int | None:
    """What was asked for, or means to have asked nothing; None for what no one has to understand.

    Numbers that `number` does not reckon with in answers are none here, either.
    """
    if said is None:
        return default
    return int(said) if said.isdecimal() and len(said) <= _LONGEST_NUMBER else None


def _of_questions(told: Mapping[str, object]) -> Iterator[Agreement]:
    listed, count = list(lines(told, "questions")), number(told, "num_questions")
    if listed and count is not None and len(listed) != count:
        yield Agreement("body /questions", f"{count} of them, as num_questions says", len(listed))
    for at, question in listed:
        found = number(question, "question_num")
        if found is not None and found != at + 1:
            yield Agreement(f"body /questions/{at}/question_num", at + 1, found)
