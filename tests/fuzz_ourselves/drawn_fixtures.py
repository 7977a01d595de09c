"""Fixtures that keep their schema more often than not, with what is nasty wherever it lets that be.

Every strategy is made once, since Hypothesis spends more on making one than on drawing from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawn_values import altered
from hypothesis import strategies as st

from mockserver.apis.known import FORMS

if TYPE_CHECKING:
    from mockserver.core.lifecycle import LifeCycle

Said = dict[str, Any]

TEXTS = st.sampled_from(
    ("", "a", "x" * 3_000, "\x00\x1f\x7f\u2028\ufffe", "\U0001f402 {a}", "null", "../a", "*", "\n")
)
A_TEXT = TEXTS.filter(bool)
COSTS = st.sampled_from((0, 0.1, 1e-300, 5e-324, 1e15, 1e300, 10**30, 10**300, 10**4_290, 80.4))
NUMBERS = st.sampled_from((0, -1, 1.5, 1e300, 10**3_999, True, None))
ROWS = st.sampled_from((100, 9_999, 10**18, 7, 10, 2**53 + 1, 2, 1, 0))
QUESTIONS = st.sampled_from((100, 10, 7, 1_000, 2, 1, 0))
SPANS = st.sampled_from(
    ("1s", "90.5s", "1m30s", "1h", "3650d", "1s1s", "1ms", "0.001ms", "0s", "0.0001ms", "00s")
)
STARTS = st.sampled_from(("0s", "-1m30s", "-36500d", "36500d", "-0.001ms", "20s"))
SHARES = st.integers(0, 100)
OPERATION = "OxenApiWeb.Controllers.EvaluationController.get_evaluation"
OFTEN = st.sampled_from((True, False))
SELDOM = st.sampled_from((*[False] * 5, True))
PACES = st.sampled_from(({1: "1ms"}, {1: "1ms", 2: "3s"}, {7: "0.001ms", 10: "1h"}, {1: "0s"}))
WAIVERS = st.sampled_from(
    [
        [{"rule": rule, "at": at, "why": "Seen."}]
        for rule in ("format", "times stay", "type")
        for at in ("/evaluation/started_at", "/start_time", "/status", "/*", "/evaluation")
    ]
)


def sayings(**known: st.SearchStrategy[Any]) -> st.SearchStrategy[Said]:
    """Some of these by name."""
    return st.fixed_dictionaries({}, optional=known)


NOTHING = st.none() | TEXTS
METRICS = st.dictionaries(TEXTS, TEXTS | NUMBERS, max_size=2)
ASKED: dict[tuple[str, str], st.SearchStrategy[Said]] = {
    ("oxen", "evaluation"): sayings(
        name=NOTHING,
        prompt=TEXTS,
        input_type=st.sampled_from(("text", "image", "video")),
        is_sample=OFTEN,
        sample_count=st.sampled_from((0, -1, 3, 10**30, 10**3_999)),
        resource=st.none() | st.fixed_dictionaries({"path": TEXTS, "version": TEXTS}),
        target_branch=NOTHING,
        target_path=NOTHING,
        model=st.none() | METRICS,
    ),
    ("nugen", "evaluation"): sayings(
        model_id=TEXTS,
        model_id_2=TEXTS,
        benchmark_id=TEXTS,
        judge_provider=NOTHING,
        custom_metrics=st.none() | METRICS,
        metrics=METRICS,
    ),
    ("nugen", "benchmark"): sayings(benchmark_name=TEXTS, error=A_TEXT, source=st.just("s3")),
}
"""What a thing was asked to do, by its API and its kind."""

KINDS = st.sampled_from((*[("oxen", "evaluation")] * 3, *[("nugen", "evaluation")] * 2, *ASKED))
USAGES = sayings(prompt_tokens=COSTS, completion_tokens=COSTS, credits=COSTS)
ASSUMED = {
    api: sayings(
        **{
            one.name: st.sampled_from(one.choices or (True, False))
            for one in form.assumptions
            if one.in_fixture
        }
    )
    for api, form in FORMS.items()
}


def _after(cycle: LifeCycle, status: str) -> st.SearchStrategy[str]:
    """The next status, mostly the one in which a life that goes well goes on."""
    first, *others = cycle.in_order(cycle.successors[status]).split(", ")
    return st.sampled_from([first] * 4 + others)


_NEXT = {
    (cycle, status): _after(cycle, status)
    for form in FORMS.values()
    for cycle in (kind.cycle for kind in form.kinds.values())
    for status in cycle.statuses
    if status not in cycle.terminal
}


@st.composite
def lives(draw: st.DrawFn) -> Said:
    """What lives over time, of either API."""
    api, kind = draw(KINDS)
    form = FORMS[api]
    cycle = form.kinds[kind].cycle
    phases = _phases(draw, cycle)
    told: Said = {"api": api, "kind": kind, "phases": phases}
    if draw(OFTEN):
        told["starts"] = draw(STARTS)
    if draw(OFTEN):
        told[f"{form.row}s"] = draw(ROWS if api == "oxen" else QUESTIONS)
    if phases[-1] in cycle.explained:
        told["error_message"] = draw(A_TEXT)
    if kind == "evaluation":
        told |= _run(draw, api, phases, told.get(f"{form.row}s", form.rows))
    if draw(OFTEN):
        told[kind] = draw(ASKED[api, kind])
    if draw(SELDOM):
        told["assume"] = draw(ASSUMED[api])
    return told


def _phases(draw: st.DrawFn, cycle: LifeCycle) -> list[Any]:
    """Phases that follow on each other."""
    status, phases = cycle.initial, list[Any]()
    while status not in cycle.terminal:
        phases.append({str(status): draw(SPANS)})
        status = draw(_NEXT[cycle, status])
    return [*phases, str(status)]


def _run(draw: st.DrawFn, api: str, phases: list[Any], rows: int) -> Said:
    """How a run goes, and what it costs."""
    cycle = FORMS[api].kinds["evaluation"].cycle
    passed = {next(iter(phase)) for phase in phases[:-1]}
    told: Said = {}
    if cycle.works_in in passed and draw(SELDOM):
        told["pace"] = {str(row): at for row, at in draw(PACES).items()}
    if cycle.works_in in passed and not cycle.whole & {*passed, phases[-1]} and draw(OFTEN):
        told[f"stops_at_{FORMS[api].row}"] = rows * draw(SHARES) // 100
    if draw(SELDOM):
        told["breaks"] = draw(WAIVERS)
    if api == "oxen" and draw(OFTEN):
        told["usage"] = draw(USAGES)
    return told


ROUTES = ("/api/a", "/api/{a}/b", "/api/*rest", "/x/{a}/*b/c", "/", "//", "/_mock")
WHERE: tuple[Said, ...] = (
    *({"path": path, "method": method} for path in ROUTES for method in ("GET", "PUT")),
    *({"operation": name} for name in ("nobody", OPERATION)),
)
ANSWERS: st.SearchStrategy[Said] = st.builds(
    lambda where, told: {"kind": "answer", **where, **told},
    st.sampled_from(WHERE),
    st.fixed_dictionaries(
        {"status": st.sampled_from((200, 204, 299, 404, 500, 599))},
        optional={
            "body": TEXTS | st.sampled_from(([], {"a": 1}, None, 10**3_999, 1.5, "[" * 9)),
            "headers": st.dictionaries(
                st.sampled_from(("X-A", "content-type", "Location", "Date")),
                st.sampled_from(("", "a", "text/plain", "application/json; charset=latin-1")),
            ),
        },
    ),
)
"""Canned answers, of operations and of paths of their own."""


@st.composite
def fixtures(draw: st.DrawFn) -> object:
    """A fixture as its value, in one case of six altered somewhere."""
    value: object = draw(ANSWERS if draw(SELDOM) else lives())
    return draw(altered(value, 1)) if draw(SELDOM) else value
