"""Prism as a validating proxy in front of the mock: it judges what goes either way.

It reads our documents by its own lights, and says what breaks them in a header, `sl-violations`.
Its router knows no parameter that spans slashes, so a create has to send them as `%2F`.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import pytest
from judging import LIFE, SERVERS, UNKNOWN_ID, assert_no_violation, serving
from node_packages import installed
from served import CREATE_BODY, PATIENCE, until

from mockserver import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
EVALUATIONS = "/api/repos/ox/cats/evaluations"
CREATE_PATH = f"{EVALUATIONS}/main%2Fdata%2Fa.parquet"
CREATE = {**CREATE_BODY, "auto_commit": True}
_LISTENS = re.compile(r"Prism is listening on (http://\S+)")


class Prism:
    """`prism proxy` in a process of its own, from the line that says where it listens."""

    def __init__(self, program: Path, document: Path, upstream: str, *flags: str) -> None:
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [program, "proxy", document, upstream, "--host", "127.0.0.1", "--port", "0", *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.lines.extend(self._process.stdout)

    def url(self) -> str:
        """Where it listens, once it does."""
        until(lambda: bool(self._told()) or not self._reader.is_alive(), "Prism listens")
        assert self._told(), "".join(self.lines)
        return self._told()[0]

    def _told(self) -> list[str]:
        return _LISTENS.findall("".join(self.lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.kill()  # it has nothing to save
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        if self._process.stdout is not None:
            self._process.stdout.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and what Prism says of it and of what was asked."""

    status: int
    body: Any
    violations: list[dict[str, Any]]

    @property
    def evaluation(self) -> dict[str, Any]:
        assert (self.status, self.violations) == (200, []), self
        found: dict[str, Any] = self.body["evaluation"]
        return found


@dataclass(frozen=True, slots=True)
class Proxied:
    """A sandbox of the mock, and the URL of the Prism in front of it."""

    mock: Client
    url: str

    def ask(self, path: str, body: object = None, **headers: str) -> Answer:
        """Create with a body, look without; the token is that of the sandbox."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        sent = headers or {"Authorization": f"Bearer {self.mock.token}"}
        try:
            if body is None:
                connection.request("GET", path, headers=sent)
            else:
                sent = {**sent, "Content-Type": "application/json"}
                connection.request("POST", path, json.dumps(body), sent)
            response = connection.getresponse()
            told = json.loads(response.getheader("sl-violations", "[]"))
            return Answer(response.status, json.loads(response.read()), told)
        finally:
            connection.close()

    def create(self) -> str:
        id_: str = self.ask(CREATE_PATH, CREATE).evaluation["id"]
        return id_

    def look(self, id_: str) -> Answer:
        return self.ask(f"{EVALUATIONS}/{id_}")

    def statuses(self, id_: str) -> list[str]:
        """What is seen over a whole life."""
        seen = []
        for status in LIFE:
            self.mock.clock.advance_until(id_, status)
            seen.append(self.look(id_).evaluation["status"])
        return seen


@contextmanager
def behind_prism(
    document: str, folder: Path, *flags: str, kind: str = SERVERS[0]
) -> Iterator[Proxied]:
    """A mock of this kind behind a Prism that has this document of it."""
    program = installed(HERE) / ".bin" / "prism"
    with serving(kind, folder) as upstream, Client(upstream, sandbox="ours") as mock:
        (folder / document).write_text(json.dumps(mock.document(document)), "utf-8")
        with Prism(program, folder / document, upstream, *flags) as prism:
            yield Proxied(mock, prism.url())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """Prism lets everything through, and says what is wrong with it."""
    with behind_prism("oxen.strict.json", tmp_path_factory.mktemp("prism")) as proxied:
        yield proxied


@pytest.fixture
def proxied(server: Proxied, request: pytest.FixtureRequest) -> Proxied:
    return Proxied(server.mock.in_sandbox(request.node.nodeid), server.url)


def test_it_finds_nothing_in_a_whole_life(proxied: Proxied) -> None:
    assert proxied.statuses(proxied.create()) == list(LIFE)
    assert_no_violation(proxied.mock, requests=5)


def test_it_finds_nothing_in_what_is_answered_when_things_go_wrong(proxied: Proxied) -> None:
    failing = proxied.create()
    proxied.mock.evaluations.fail(failing, message="The model did not answer.")
    failed = proxied.look(failing).evaluation
    assert (failed["status"], failed["error_message"]) == ("errored", "The model did not answer.")
    proxied.mock.faults.add(operation="get_evaluation", code=429, retry_after=5, count=1)
    limited = proxied.look(failing)
    unknown = proxied.look(UNKNOWN_ID)
    assert (limited.status, limited.violations) == (429, [])
    assert (unknown.status, unknown.violations) == (404, [])
    assert_no_violation(proxied.mock, requests=4)


def test_it_finds_in_a_bad_body_what_the_mock_finds_and_nothing_in_the_refusal(
    proxied: Proxied,
) -> None:
    for place in ("body /prompt", "body /output_type", "body /model_id", "body /target_column"):
        proxied.mock.expectations.add(place)
    bad = {"prompt": 7, "input_type": "text", "output_type": "smell", "model_id": "gpt-4o"}
    answer = proxied.ask(CREATE_PATH, bad)
    assert answer.status == 400
    assert {(*one["location"], one["code"]) for one in answer.violations} == {
        ("request", "body", "required"),
        ("request", "body", "prompt", "type"),
        ("request", "body", "output_type", "enum"),
        ("request", "body", "model_id", "format"),
    }
    assert_no_violation(proxied.mock, requests=1)


def test_it_misses_the_token_that_the_mock_misses_and_finds_nothing_in_the_refusal(
    proxied: Proxied,
) -> None:
    sandbox = proxied.mock.token.removeprefix("sbx_")
    answer = proxied.ask(f"{EVALUATIONS}/{UNKNOWN_ID}", **{"X-Mock-Sandbox": sandbox})
    assert answer.status == 401
    assert [one["location"] for one in answer.violations] == [["request"]]


def test_the_published_document_holds_too_where_prism_refuses_what_breaks_it(
    tmp_path: Path,
) -> None:
    with behind_prism("oxen.json", tmp_path, "--errors", kind=SERVERS[1]) as proxied:
        assert proxied.statuses(proxied.create()) == list(LIFE)
        unknown = proxied.look(UNKNOWN_ID)
        assert (unknown.status, unknown.violations) == (404, [])
        assert_no_violation(proxied.mock, requests=6)
        proxied.mock.faults.add(operation="get_evaluation", code=429, count=1)
        (noticed,) = proxied.look(UNKNOWN_ID).violations  # it is awake
        assert noticed["location"] == ["response"]


def test_it_finds_nothing_in_a_life_of_nugens(tmp_path: Path) -> None:
    with behind_prism("nugen.strict.json", tmp_path) as proxied:
        created = proxied.ask("/api/v3/evaluations", {"model_id": "m", "benchmark_id": "b"})
        mine = f"/api/v3/evaluations/{created.body['evaluation_id']}"
        answers = [created, proxied.ask(f"{mine}/results"), proxied.ask("/api/v3/evaluations")]
        for status in ("waiting", "running", "completed"):
            proxied.mock.clock.advance_until(created.body, status)
            answers.append(proxied.ask(f"{mine}/status"))
        answers += [
            proxied.ask(f"{mine}/results"),
            proxied.ask("/api/v3/evaluations/eval-x/status"),
        ]
        assert [one.status for one in answers] == [200, 400, *[200] * 5, 404]
        assert [one.violations for one in answers] == [[]] * 8
        assert_no_violation(proxied.mock, requests=8)
