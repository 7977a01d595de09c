"""The parts of the fuzzer by themselves: what they hold to whatever a server does."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from fuzzed_servers import TOKEN, mock
from hypothesis import given
from hypothesis import strategies as st
from line_server import LineServer, answer
from werkzeug.test import Client

from mockserver.apis.known import every_api
from mockserver.client.address import read_address
from mockserver.contract.contract import Contract
from mockserver.control.control import load_own_contract
from mockserver.core.exchange import Response
from mockserver.fuzzing.curl import curl
from mockserver.fuzzing.declared import Declared
from mockserver.fuzzing.exchanged import Exchanged, Sent
from mockserver.fuzzing.findings import Finding, Findings, Sort
from mockserver.fuzzing.gate import Gate
from mockserver.fuzzing.guest import Guest
from mockserver.fuzzing.links import LINKS, add_links
from mockserver.fuzzing.plan import _FORGETS, _STATES
from mockserver.fuzzing.subject import Subject
from mockserver.fuzzing.target import read_target
from mockserver.fuzzing.wire import UnansweredError, UnsendableError, Wire
from mockserver.fuzzing.witness import Witness
from mockserver.judging.judgement import Judge
from mockserver.loading import load_contracts, spec_text
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication

    from werkzeug.test import TestResponse

HERE = "http://127.0.0.1:4010"
LOGGED_IN = ("Authorization", f"Bearer {TOKEN}")
JSON = ("Content-Type", "application/json")
FINDING = Finding(
    Sort.DOCUMENT, "oxen", "get", "body /a/0/b", "a string", "7", requests=("curl 1",)
)


def contracts() -> Mapping[str, Contract]:
    own = load_own_contract()
    return {**load_contracts(Settings(), every_api({})), own.api: own}


# Where it is sent.


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://localhost:4010", True),
        ("http://LOCALHOST.:4010", True),
        ("http://tests.localhost", True),
        ("http://127.0.0.1", True),
        ("http://127.8.9.10", True),
        ("http://[::1]:4010", True),
        ("http://[::ffff:127.0.0.1]", True),
        ("http://0.0.0.0:4010", False),
        ("http://localhost.example.com", False),
        ("http://notlocalhost", False),
        ("http://192.168.0.1", False),
        ("https://hub.oxen.ai", False),
        ("http://127.0.0.1.example.com", False),
    ],
)
def test_only_what_is_surely_this_machine_is_near(url: str, near: bool) -> None:
    assert read_target(url, None, None).is_near is near


def test_a_target_does_not_show_its_tokens() -> None:
    assert TOKEN not in repr(read_target(HERE, TOKEN, TOKEN))


# What may be sent.


def test_a_gate_counts_what_may_create_and_lets_every_get_through() -> None:
    subject = Subject.of(contracts()["oxen"], "", {})
    create = Sent("POST", "/api/repos/ox/cats/evaluations/main/a.parquet")
    gate = Gate(1)
    assert not gate.admits(subject, replace(create, method="DELETE"))
    assert not gate.admits(subject, Sent("POST", "/elsewhere"))
    assert gate.admits(subject, create)
    assert not gate.admits(subject, create)
    assert gate.admits(subject, replace(create, method="GET"))
    assert all(Gate(None).admits(subject, replace(create, method=m)) for m in ("PUT", "TRACE"))


def test_a_gate_with_a_number_lets_nothing_be_changed_by_the_control_api() -> None:
    subject = Subject.of(contracts()["control"], "", {})
    assert not Gate(9).admits(subject, Sent("POST", "/_mock/reset"))


def test_a_request_that_waits_for_the_journal_waits_no_time() -> None:
    sent = Sent("GET", "/x/_mock/journal?after=5&wait=99999s&operation=wait=5s")
    hurried = Guest.hurried(sent, "/_mock/journal")
    assert hurried.target == "/x/_mock/journal?after=5&wait=1ms&operation=wait=5s"
    for bad in ("/_mock/journal?wait=5", "/_mock/journal?wait=5sx", "/_mock/journal?await=5s"):
        assert Guest.hurried(Sent("GET", bad), "/_mock/journal").target == bad


# How it is sent.


def test_a_wire_gives_up_on_silence_and_asks_the_next_on_another_connection() -> None:
    with LineServer([[None], [answer({})]]) as server:
        wire = Wire(read_address(server.url), patience=0.2)
        with pytest.raises(UnansweredError, match=r"not whole within 0\.2 s"):
            wire.ask(Sent("GET", "/"))
        assert wire.ask(Sent("GET", "/")).status == 200
        wire.close()


def test_a_wire_gives_up_on_an_answer_that_trickles() -> None:
    """Every byte comes in time, and the whole never does."""
    ended = threading.Event()

    def trickle(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line, suppress(OSError):  # whoever waited has gone
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not ended.wait(0.01):
                line.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=trickle, args=(listener,))
        thread.start()
        wire = Wire(read_address(f"http://127.0.0.1:{listener.getsockname()[1]}"), patience=0.2)
        with pytest.raises(UnansweredError, match=r"not whole within 0\.2 s"):
            wire.ask(Sent("GET", "/"))
        ended.set()
        thread.join()


def test_an_answer_that_is_cut_short_is_none() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n12345"
    with LineServer([[head + b"1234"], [chunked]]) as server:
        wire = Wire(read_address(server.url))
        for _ in range(2):
            with pytest.raises(UnansweredError, match="its body was cut short"):
                wire.ask(Sent("GET", "/"))


def test_what_may_have_been_done_is_not_asked_for_twice() -> None:
    whole = answer({})
    with LineServer([[whole, b""], [whole]]) as server:
        wire = Wire(read_address(server.url))
        assert wire.ask(Sent("GET", "/first")).status == 200
        with pytest.raises(UnansweredError):
            wire.ask(Sent("POST", "/second"))
        assert wire.ask(Sent("GET", "/third")).status == 200
        wire.close()
    assert server.lines == [
        f"{line} HTTP/1.1" for line in ("GET /first", "POST /second", "GET /third")
    ]


def test_what_http_cannot_carry_is_not_sent() -> None:
    with LineServer([[answer({})]]) as server:
        wire = Wire(read_address(server.url))
        with pytest.raises(UnsendableError):
            wire.ask(Sent("GET", "/", (("X-Bad", "a\r\nX-Worse: b"),)))
        assert wire.ask(Sent("GET", "/good")).status == 200
        wire.close()
    assert server.lines == ["GET /good HTTP/1.1"]


# How it is told.


@pytest.mark.parametrize(
    "body", [b"{}", b"it's \xc3\xa9", b"@file", b"\xff\x00%s\\n'", b"two\nlines", b'"$HOME`id`"']
)
def test_a_command_sends_the_very_body(body: bytes) -> None:
    command = curl(Sent("POST", "/x", (), body), read_target(HERE, TOKEN, None))
    before, _, after = command.rpartition("| curl")
    if before:
        assert after.endswith("--data-binary @-")
        assert subprocess.run(["sh", "-c", before], capture_output=True, check=True).stdout == body
    else:
        assert shlex.split(command)[-1].encode() == body


@given(st.text(min_size=1, max_size=8), st.binary(max_size=8))
def test_a_command_never_holds_a_token(value: str, body: bytes) -> None:
    printable = (
        "".join(c for c in value if c.isprintable()).encode("latin-1", "ignore").decode("latin-1")
    )
    headers = (("Authorization", f"Bearer {TOKEN}"), ("X-Other", printable))
    command = curl(Sent("POST", "/x?q=[1]", headers, body), read_target(HERE, TOKEN, None))
    assert TOKEN not in command
    assert '-H "Authorization: Bearer $TOKEN"' in command
    words = shlex.split(command)
    assert "-g" in words
    assert f"X-Other: {printable}" in words


def test_findings_of_a_kind_are_one_with_the_shortest_example() -> None:
    findings = Findings()
    longer = replace(FINDING, place="body /a/17/b", found="8", requests=("curl 1 and more",))
    for one in (longer, FINDING, longer):
        findings.add(one)
    (kept,) = findings.every()
    assert (kept.count, kept.place, kept.found) == (3, "body /a/0/b", "7")


def test_findings_of_different_kinds_are_kept_apart() -> None:
    findings = Findings()
    status = replace(FINDING, place="status", expected="a documented status", rule="status")
    for one in (
        FINDING,
        replace(FINDING, operation="create"),
        replace(FINDING, expected="a uuid"),
        replace(status, found="202"),
        replace(status, found="204"),
    ):
        findings.add(one)
    assert len(findings) == 5


def test_properties_that_nobody_knows_are_one_kind_whatever_they_are_called() -> None:
    findings = Findings()
    for name in ("x", "y"):
        unknown = replace(FINDING, place=f"body /{name}", rule="additionalProperties")
        findings.add(replace(unknown, expected="no such property", found=name))
    assert len(findings) == 1


# What it stands on.


def test_every_link_joins_operations_that_the_documents_have() -> None:
    for name, contract in contracts().items():
        shorts = {operation.short for operation in contract.operations.values()}
        assert {short for link in LINKS[name] for short in link[:2]} <= shorts
        document = Subject.of(contract, "", {}).document()
        before = str(document).count("'operationId'")
        add_links(document, contract)
        assert str(document).count("'operationId'") == before  # they are there, and once


def test_a_document_with_other_names_is_joined_by_no_link() -> None:
    text = spec_text("oxen.yaml").replace("evaluation_id", "id")
    contract = Contract.load("oxen", text, "mine.yaml", ())
    subject = Subject.of(contract, "", {})
    assert "links" not in str(subject.document())
    sent = Sent("POST", "/api/repos/ox/cats/evaluations/main/a.parquet", (LOGGED_IN, JSON))
    now = datetime.now(UTC)
    body = b'{"evaluation": {"id": "x"}}'
    subject.learn(Exchanged(0, "oxen", sent, Response(200, (), body), "", now, now))
    assert subject.values["id"] == ["d0c8585d-1234-5678-abcd-ef0123456789"]


def test_what_is_let_pass_is_let_pass_where_a_document_has_it() -> None:
    known = contracts()
    assert _FORGETS in known["control"].operations
    for name, status in _STATES.items():
        operation = known["nugen"].operations[name]
        item = known["nugen"].strict["paths"][operation.template]
        assert status in item[operation.method.lower()]["responses"]


def seen(
    sent: Sent, answered: TestResponse, api: str = "oxen", without: str = "", **assume: object
) -> list[Finding]:
    """What the witness finds in an exchange, by what is assumed."""
    headers = tuple((name, value) for name, value in answered.headers.items() if name != without)
    response = Response(answered.status_code, headers, answered.get_data())
    now = datetime.now(UTC)
    settings = Settings(assume=assume)
    witness = Witness(
        Subject.of(contracts()[api], "", {}),
        read_target(HERE, TOKEN, None),
        settings.assume,
        Judge(settings, published=False),
        Declared(settings, every_api(settings.assume)),
    )
    return [*witness.see(Exchanged(0, api, sent, response, "", now, now))]


def asked(app: WSGIApplication, sent: Sent) -> TestResponse:
    return Client(app).open(
        sent.target, method=sent.method, headers=[*sent.headers], data=sent.body or None
    )


def test_what_a_fixture_declares_to_break_is_no_finding_and_all_else_is() -> None:
    sent = Sent("GET", "/api/v3/evaluations/eval_01K0HZX4M8Q2W7T/status", (LOGGED_IN,))
    answered = asked(mock(speed=3600), sent)
    assert seen(sent, answered, "nugen") == []
    found = {one.place for one in seen(sent, answered, "nugen", without="X-Mock-Fixture")}
    assert "body /start_time" in found


def test_only_the_refusal_of_what_is_good_speaks_against_what_is_assumed() -> None:
    older = {"prompt": "p", "target_column": "t", "type": "text", "model": "gpt-4o"}
    target = "/api/repos/ox/cats/evaluations/main/a.parquet"
    spec = mock()
    for body, refuted in ((older, {"dialect"}), (older | {"type": "none"}, set())):
        sent = Sent("POST", target, (LOGGED_IN, JSON), json.dumps(body).encode())
        answered = asked(spec, sent)
        assert answered.status_code == 400
        assert {one.rule for one in seen(sent, answered, dialect="legacy")} == refuted
