"""Recorded traffic into a judgement: every exchange alone, then in a row, then what is assumed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mockserver.apis.known import every_api
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import FlawedError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import shortened
from mockserver.judging.alone import exchange_of
from mockserver.judging.assumed import Shown, Weighed, charges_of, weigh, weigh_tightenings
from mockserver.judging.charge import Charge, Sort
from mockserver.judging.overlaid import Tightenings
from mockserver.judging.selecting import select
from mockserver.judging.sequence import in_a_row
from mockserver.judging.trial import Bench, Trial
from mockserver.judging.when import when_of
from mockserver.loading import load_contracts, overlays_of
from mockserver.nearest import nearest
from mockserver.telling.wording import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mockserver.apis.api import Api
    from mockserver.contract.contract import Contract
    from mockserver.judging.alone import Alone
    from mockserver.judging.entry import Entry
    from mockserver.judging.selecting import Ours, Selected
    from mockserver.settings import Settings

_MOST_NAMED = 3
_UNDESCRIBED = "below /api/ that no document describes"
_EVALUATION = "evaluation "


class NothingToJudgeError(FlawedError):
    """Traffic in which there is no exchange of any API."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of judging.

    Attributes:
        published: whether answers were judged by the published documents alone.
        exchanges: what was judged, in the order of the archives.
        evaluations: how many evaluations they show.
        charges: everything that is wrong.
        weighed: every assumption that the traffic says anything of.
        notes: what was left out or is not known, in sentences.
    """

    published: bool
    exchanges: tuple[Ours, ...]
    evaluations: int
    charges: tuple[Charge, ...]
    weighed: tuple[Weighed, ...]
    notes: tuple[str, ...]


class Judge:
    """Judges exchanges by the contracts and the assumptions that settings say."""

    def __init__(self, settings: Settings, *, published: bool) -> None:
        """Load the contracts.

        Raises:
            UnreadableDocumentError: one of them cannot be read.
        """
        self._apis = every_api(settings.assume)
        self._contracts = load_contracts(settings, self._apis)
        self._assume, self._prefix = settings.assume, settings.prefix
        self._published = published
        self._benches = {api.name: self._bench(api) for api in self._apis}

    @property
    def parts(self) -> Sequence[tuple[Api, Contract]]:
        """Every API with its contract."""
        return [(api, self._contracts[api.name]) for api in self._apis]

    def _bench(self, api: Api) -> Bench:
        contract = self._contracts[api.name]
        tightenings = None if self._published else Tightenings(contract, overlays_of(api))
        return Bench(contract.judged_by(contract.document.value), contract, tightenings)

    def judge(self, entries: Sequence[Entry], hosts: Collection[str] = ()) -> Judgement:
        """Judge the exchanges among these entries, on these hosts or, without any, wherever.

        Raises:
            NothingToJudgeError: there are none.
        """
        found = select(entries, self.parts, hosts, self._prefix)
        lost = list(self._lost(found)) if hosts else []
        if not found.ours and not lost:
            raise _nothing(entries, found, self.parts, hosts)
        telling = {one.host for one in entries if one.complete or _shows_a_token(one)}
        trials = [self.trial(one, shows_tokens=one.entry.host in telling) for one in found.ours]
        charges = [
            charge for trial in trials for charge in (*trial.of_request(), *trial.of_answer())
        ]
        notes = [*_left_out(found, named=bool(hosts)), *self._unknown(trials, telling)]
        return self._judgement(trials, [*charges, *lost], notes)

    def judge_alone(self, alone: Alone) -> Judgement:
        """Judge the body of an answer to an operation.

        Raises:
            UnknownOperationError: there is no such operation, or there are several.
        """
        exchange = exchange_of(alone, self.parts)
        trial = self.trial(exchange, shows_tokens=False)
        charges = [one for one in trial.of_answer() if not one.violation.place.startswith("header")]
        return self._judgement([trial], charges, [])

    def trial(self, exchange: Ours, *, shows_tokens: bool) -> Trial:
        """One exchange with what it is judged by; see `Trial` for `shows_tokens`."""
        return Trial(exchange, self._benches[exchange.api.name], shows_tokens=shows_tokens)

    def _judgement(
        self, trials: Sequence[Trial], charges: Sequence[Charge], notes: Sequence[str]
    ) -> Judgement:
        looks = [seen for trial in trials for seen in trial.seen()]
        in_all = [*charges]
        for look, violation in in_a_row(looks):
            operation = look.exchange.operation.id
            in_all.append(Charge(Sort.RULE, look.exchange.entry, operation, violation))
        weighed = tuple(self._weighed(trials, in_all))
        things = {look.scope for look in looks if look.scope[-1].startswith(_EVALUATION)}
        return Judgement(
            published=self._published,
            exchanges=tuple(trial.exchange for trial in trials),
            evaluations=len(things),
            charges=tuple(sorted(in_all, key=lambda one: (one.entry.file, one.entry.index))),
            weighed=weighed,
            notes=(*notes, *self._unnamed(trials)),
        )

    def _weighed(self, trials: Sequence[Trial], charges: list[Charge]) -> Iterator[Weighed]:
        """What is assumed and was shown; what speaks against it is added to the charges."""
        shown = [Shown(name, value, t.exchange) for t in trials for name, value in t.shows()]
        for api in self._apis:
            for weighed, against in weigh(shown, api.form.assumptions, self._assume):
                if not self._published:
                    charges += charges_of(weighed, against)
                yield weighed
        by_entry = {id(trial.exchange.entry): trial.exchange for trial in trials}
        broken = [(c.source, by_entry[id(c.entry)]) for c in charges if c.source is not None]
        kept = [(one, t.exchange) for t in trials if (one := t.keeps()) is not None]
        yield from weigh_tightenings(kept, broken)

    def _lost(self, found: Selected) -> Iterator[Charge]:
        routes = [route for _, contract in self.parts for route in contract.routes.routes]
        for entry in found.lost:
            expected = "a path and a method that a document has"
            asked = f"{entry.request.method[:10]} {shortened(entry.request.path)}"
            wrong = Violation(
                "path", expected, asked, Kind.PARAMETER, nearest(routes, entry.request)
            )
            yield Charge(Sort.REQUEST, entry, "", wrong)

    @staticmethod
    def _unknown(trials: Sequence[Trial], telling: Collection[str]) -> Iterator[str]:
        """What the recorders have not kept."""
        entries = [trial.exchange.entry for trial in trials]
        if silent := sorted({entry.host for entry in entries} - set(telling)):
            yield (
                f"whether a token was sent is not known: no request to {', '.join(silent)} shows "
                "an Authorization header, which browsers leave out unless they are told otherwise"
            )
        if bodies := sum(not e.answer_whole and e.request.method != "HEAD" for e in entries):
            yield f"{counted(bodies, 'answer')} came without a body, as the recorder kept none"
        if clocks := sum(not when_of(entry).is_theirs for entry in entries):
            told = f"{counted(clocks, 'answer')} without a Date"
            yield f"{told}: the instant is that of the recorder's clock"

    def _unnamed(self, trials: Sequence[Trial]) -> Iterator[str]:
        """Errors that the published document does not name, which is no breach of it."""
        errors = Counter(t.exchange.entry.response.status for t in trials if t.undocumented_error)
        if errors and self._published:
            told = ", ".join(f"{count} x {status}" for status, count in sorted(errors.items()))
            yield f"errors that the published document does not name, as it need not: {told}"


def _left_out(found: Selected, *, named: bool) -> Iterator[str]:
    """What was not judged; on hosts that somebody `named` what is lost is a finding."""
    for what, count in found.left_out.items():
        yield f"left out: {count} {what}"
    if found.lost and not named:
        yield f"left out: {len(found.lost)} {_UNDESCRIBED}: {_some(found.lost)}"


def _some(entries: Sequence[Entry]) -> str:
    named = dict.fromkeys(f"{e.request.method[:10]} {shortened(e.request.path)}" for e in entries)
    more = ", ..." if len(named) > _MOST_NAMED else ""
    return ", ".join(list(named)[:_MOST_NAMED]) + more


def _shows_a_token(entry: Entry) -> bool:
    return "authorization" in entry.request.headers


def _nothing(
    entries: Sequence[Entry],
    found: Selected,
    parts: Sequence[tuple[Api, Contract]],
    hosts: Collection[str],
) -> NothingToJudgeError:
    templates = [route.template for _, contract in parts for route in contract.routes.routes]
    where = f" on {', '.join(hosts)}" if hosts else ""
    expected = f"an exchange{where} with a path such as {templates[0]}, or below --prefix"
    left_out = list(_left_out(found, named=False))
    told = f"none among {len(entries)} entries ({'; '.join(left_out)})" if entries else "no entry"
    labels = ", ".join(dict.fromkeys(entry.file for entry in entries)) or "the archive"
    return NothingToJudgeError(
        "there is nothing to judge", [Violation(labels, expected, told, Kind.SOURCE)]
    )
