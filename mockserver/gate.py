"""The gate: who is let in to an operation, by token, contract and preferences.

What is settled by the head of a request is settled once for all requests that have the same one:
see `admission`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.admission import Admission, Admissions, head_of
from mockserver.contract.placeholders import left_in
from mockserver.core.exchange import Kind, Violation
from mockserver.journal import weight_of_head
from mockserver.preferences import Preferences, UnreadablePreferenceError, read_preferences
from mockserver.problems import RefusedError
from mockserver.tokens import require_token, without_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.admission import Head
    from mockserver.contract.routes import Match
    from mockserver.core.exchange import Request
    from mockserver.passage import Passage


class Gate:
    """Lets requests in, from any number of threads."""

    def __init__(self, tokens: Sequence[str]) -> None:
        """Know these tokens; without any, every one that is not empty is known."""
        self._tokens = tuple(tokens)
        self._admissions = Admissions()

    def admitted(self, head: Head) -> Admission | None:
        """What is settled of requests with this head, if one of them was let in."""
        return self._admissions.find(head)

    def let_in(
        self, request: Request, match: Match, told: Passage
    ) -> tuple[str | None, Preferences]:
        """The token, where one is asked for, and what is preferred.

        Raises:
            RefusedError: with everything that is wrong.
        """
        told.operation = operation = told.served.contract.operations[match.name]
        api, token = told.served.api, None
        if operation.secured and api.needs_token(operation.id):
            token = require_token(request, self._tokens, api.wrong_token)
        check_request = told.served.contract.check_request
        violations = (*left_in(match), *_encoding(request), *check_request(match, request))
        _refuse(violations, match, request, told)
        preferences = _preferences(request, told)
        if not request.headers.get("prefer"):
            told.admission = self._admit(request, match, token, told)
        return token, preferences

    def let_in_again(self, request: Request, admission: Admission, told: Passage) -> None:
        """Judge of a request what is not settled: its body.

        Raises:
            RefusedError: with everything that is wrong with it.
        """
        told.operation = admission.operation
        if request.body or admission.operation.takes_body:
            check_body = told.served.contract.check_body
            violations = (*_encoding(request), *check_body(admission.match, request))
            _refuse(violations, admission.match, request, told)

    def let_in_undescribed(self, request: Request, told: Passage) -> Preferences:
        """What is preferred, of a request for an answer that no document describes.

        Raises:
            RefusedError: it has no token, or prefers what cannot be.
        """
        require_token(request, self._tokens, told.served.api.wrong_token)
        return _preferences(request, told)

    def _admit(self, request: Request, match: Match, token: str | None, told: Passage) -> Admission:
        """Have others with the same head let in as this request was."""
        plain = without_secrets(request.with_body(b""))
        admission = Admission(
            named=told.named,
            apis=told.world.apis,
            served=told.served,
            match=match,
            operation=told.served.contract.operations[match.name],
            token=token,
            client=told.client,
            request=plain,
            weight=weight_of_head(plain),
        )
        self._admissions.keep(head_of(request), admission)
        return admission


def _refuse(
    violations: tuple[Violation, ...], match: Match, request: Request, told: Passage
) -> None:
    if violations:
        api = told.served.api
        raise api.envelope.refusal(violations, api.likely_cause(match.name, request))


def _preferences(request: Request, told: Passage) -> Preferences:
    try:
        preferences = read_preferences(
            request.headers.get("prefer", ""), told.served.api.envelope.ASKABLE
        )
    except UnreadablePreferenceError as error:
        raise RefusedError(400, f"header Prefer: {error}") from None
    wanted = preferences.example
    if wanted is not None and wanted not in told.catalog.evaluations:
        known = ", ".join(sorted(told.catalog.evaluations))
        raise RefusedError(
            400,
            f"header Prefer: example: expected the name of a fixture ({known}), "
            f"found {f'{wanted!r:.80}'}",
        )
    if preferences.unknown:
        names = ", ".join(preferences.unknown)
        told.hints += (f"Prefer: unknown here and ignored: {names}",)
    return preferences


def _encoding(request: Request) -> tuple[Violation, ...]:
    found = request.headers.get("content-encoding", "identity")
    if not request.body or found.lower() in {"identity", ""}:
        return ()
    place = "header Content-Encoding"
    return (Violation(place, "a body as it is", found[:40], Kind.MEDIA_TYPE),)
