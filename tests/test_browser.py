"""A page on another port, in a real browser: what it may ask, and what it may read."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from served import CREATE_BODY, CREATE_PATH, SEED_PATH, Served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
PATIENCE = 60.0
QUIET = (
    "--headless",
    "--no-sandbox",  # or it does not start as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    "--remote-debugging-port=0",  # or a headless browser may end once the page is loaded
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")

PAGE = """\
<!doctype html><meta charset="utf-8"><title>polls</title><pre id="told">not yet</pre>
<script type="module">
const base = BASE, path = PATH, body = BODY, told = {}
const headers = {"Authorization": "Bearer any-token", "Content-Type": "application/json",
                 "sentry-trace": "0123456789abcdef-1", "X-Of-Our-Own": "yes"}
const pause = () => new Promise(resume => setTimeout(resume, 20))
const read = async answer => ({status: answer.status, hint: answer.headers.get("X-Mock-Hint"),
  now: answer.headers.get("X-Mock-Now"), id: answer.headers.get("x-oxen-request-id"),
  body: await answer.json()})
const send = body => fetch(base + path, {method: "POST", headers, body: JSON.stringify(body)})
try {
  told.created = await read(await send(body))
  const one = base + "/api/repos/ox/cats/evaluations/" + told.created.body.evaluation.id
  told.statuses = []
  while (told.statuses.at(-1) !== "completed") {
    told.polled = await read(await fetch(one, {headers}))
    told.statuses.push(told.polled.body.evaluation.status)
    await pause()
  }
  told.anonymous = await read(await fetch(one))
  told.refused = await read(await send({...body, prompt: 7}))
  told.legacy = await read(await send({name: "n", prompt: "p", type: "text", model: "m"}))
  told.missing = await read(await fetch(one.slice(0, -4) + "ffff", {headers}))
  told.method = await read(await fetch(one, {method: "DELETE", headers}))
} catch (error) { told.error = String(error) }
document.getElementById("told").textContent = JSON.stringify(told, null, 1)
await fetch("/told", {method: "POST", body: JSON.stringify(told)})
</script>
"""


class _PageServer(ThreadingHTTPServer):
    """Serves the page, and takes what the page tells."""

    daemon_threads = True

    def __init__(self, page: str) -> None:
        super().__init__(("127.0.0.1", 0), _PageHandler)
        self.page = page.encode()
        self.told: dict[str, Any] = {}
        self.has_told = threading.Event()


class _PageHandler(BaseHTTPRequestHandler):
    server: _PageServer

    def do_GET(self) -> None:
        known = self.path == "/"
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if known:
            self.wfile.write(self.server.page)

    def do_POST(self) -> None:
        self.server.told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        self.server.has_told.set()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def page_server(page: str) -> Iterator[_PageServer]:
    with _PageServer(page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()


@contextlib.contextmanager
def browser_at(url: str, folder: Path) -> Iterator[None]:
    assert BROWSER is not None
    process = subprocess.Popen(
        [BROWSER, *QUIET, f"--user-data-dir={folder / 'profile'}", url],
        env={**os.environ, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a page saw that created, polled to the end, and made mistakes."""
    folder = tmp_path_factory.mktemp("browser")
    with Served("--speed", "60", cwd=folder) as served:
        page = PAGE
        for name, value in {"BASE": served.url, "PATH": CREATE_PATH, "BODY": CREATE_BODY}.items():
            page = page.replace(f"= {name},", f"= {json.dumps(value)},")
        with page_server(page) as server:
            with browser_at(f"http://127.0.0.1:{server.server_port}/", folder):
                assert server.has_told.wait(PATIENCE), f"the page told nothing:\n{served.output}"
            return server.told


def test_a_page_on_another_port_gets_through_with_headers_of_its_own(told: dict[str, Any]) -> None:
    assert "error" not in told, told["error"]
    assert told["created"]["status"] == 200
    assert told["created"]["body"]["evaluation"]["name"] == CREATE_BODY["name"]


def test_a_page_polls_an_evaluation_to_its_end(told: dict[str, Any]) -> None:
    order = ["queued", "running", "committing", "completed"]
    assert told["statuses"][-1] == "completed"
    assert told["statuses"] == sorted(told["statuses"], key=order.index)
    assert len(set(told["statuses"])) > 1


def test_a_page_reads_the_headers_that_are_exposed(told: dict[str, Any]) -> None:
    assert told["polled"]["now"].endswith("Z")
    assert told["polled"]["id"]


def test_a_page_reads_why_it_is_not_let_in(told: dict[str, Any]) -> None:
    assert told["anonymous"]["status"] == 401
    assert "header Authorization" in told["anonymous"]["body"]["error"]["detail"]


def test_a_page_reads_what_was_wrong_with_its_body(told: dict[str, Any]) -> None:
    assert told["refused"]["status"] == 400
    assert "body /prompt: expected a string, found 7" in told["refused"]["body"]["error"]["detail"]


def test_a_page_reads_the_hint(told: dict[str, Any]) -> None:
    assert told["legacy"]["status"] == 400
    assert "--dialect legacy" in told["legacy"]["hint"]
    assert (told["missing"]["status"], told["missing"]["hint"] is None) == (404, False)


def test_a_page_reads_that_a_method_is_not_allowed(told: dict[str, Any]) -> None:
    assert told["method"]["status"] == 405


# -- the control API, of which a page elsewhere gets nothing ----------------------------------

HOSTILE = """\
<!doctype html><meta charset="utf-8"><title>steers</title>
<iframe name="nowhere"></iframe><iframe name="nowhere-else"></iframe>
<script type="module">
const base = BASE, reads = READS, writes = WRITES, api = API, told = {reads: {}, writes: {}}
const headers = {"Content-Type": "application/json"}
const token = {"Authorization": "Bearer any-token"}
const asked = async (path, init) => {
  try {
    const answer = await fetch(base + path, init)
    return [answer.type, answer.status, (await answer.text()).slice(0, 100)]
  } catch (error) { return [error.name, 0, ""] }
}
const loaded = (tag, source) => new Promise(resume => {
  const element = document.createElement(tag)
  element.onload = () => resume(element.contentDocument === null ? "closed" : "open")
  element.onerror = () => resume("error")
  element.src = base + source, document.body.append(element)
})
const submitted = (target, enctype, path, name, value) => new Promise(resume => {
  const form = document.createElement("form"), input = document.createElement("input")
  Object.assign(form, {method: "POST", action: base + path, target, enctype})
  Object.assign(input, {name, value}), form.append(input), document.body.append(form)
  const frame = document.getElementsByName(target)[0]
  frame.onload = () => resume(frame.contentDocument === null ? "closed" : "open")
  form.submit()
})
try {
  for (const path of reads) for (const [how, init] of Object.entries({
    plainly: {}, opaque: {mode: "no-cors"}, anonymous: {credentials: "omit"},
    "with credentials": {credentials: "include"},
    "opaque with credentials": {mode: "no-cors", credentials: "include"}, tokened: {headers: token},
  })) told.reads[`${path} ${how}`] = await asked(path, init)
  for (const [method, path, body] of writes) {
    for (const [how, init] of Object.entries({
      "as JSON": {headers, body}, "as text": {body}, "as bytes": {body: new Blob([body])},
      "as a form": {body: new URLSearchParams({seconds: 3600})},
      "with credentials": {headers, body, credentials: "include"},
    })) told.writes[`${method} ${path} ${how}`] = await asked(path, {method, ...init})
    const opaque = {method: "POST", mode: "no-cors", body}
    for (const [how, init] of Object.entries({
      "opaque text": {}, "opaque JSON": {headers},
      "opaque with credentials": {credentials: "include"},
    })) told.writes[`${path} ${how}`] = await asked(path, {...opaque, ...init})
    for (const type of ["text/plain", "application/json"])
      navigator.sendBeacon(base + path, new Blob([body], {type}))
  }
  told.form = await submitted("nowhere", "text/plain", "/_mock/clock/advance",
                              '{"seconds": 3600, "x": "', '"}')
  told.other_form = await submitted("nowhere-else", "application/x-www-form-urlencoded",
                                    "/sandbox/x/_mock/reset", "seconds", "3600")
  for (const tag of ["img", "script", "iframe"])
    for (const path of reads) told.reads[`${path} as ${tag}`] = [await loaded(tag, path), 0, ""]
  told.api = await asked(api, {headers: token})
} catch (error) { told.error = String(error) }
await fetch("/told", {method: "POST", body: JSON.stringify(told)})
</script>
"""
READS = (
    "/_mock/clock",
    "/_mock/journal",
    "/_mock/journal.har",
    "/_mock/sandboxes",
    "/_mock/evaluations",
    "/_mock/report?all=true",
    "/sandbox/x/_mock/clock",
)
WRITES: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("POST", "/_mock/clock/advance", {"seconds": 3600}),
    ("POST", "/sandbox/y/_mock/clock/advance", {"seconds": 3600}),
    ("PUT", "/_mock/sandboxes/made", {}),
    ("POST", "/_mock/sandboxes/default/snapshot", {}),
    ("DELETE", "/_mock/sandboxes/kept", {}),
)


State = tuple[str, list[str]]
"""Virtual time, and the names of the sandboxes."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page was told that tried everything, and how the server stood before and after.

    Attributes:
        by_its_name: the answers to a client that found the server by the page's own name.
    """

    told: dict[str, Any]
    before: State
    after: State
    by_its_name: list[int]


def state_of(served: Served) -> State:
    listed = served.ask("/_mock/sandboxes").json["sandboxes"]
    return served.ask("/_mock/clock").json["now"], [one["name"] for one in listed]


def visit(folder: Path, *, is_known: bool) -> Visit:
    """Let a page of another site try everything, of which the server was told or not."""
    with page_server(HOSTILE) as server:
        origin = f"http://evil.test:{server.server_port}"
        flags = ("--control-origin", origin) if is_known else ()
        with Served("--speed", "0", *flags, cwd=folder) as served:
            bodies = [[method, path, json.dumps(body)] for method, path, body in WRITES]
            said = {"BASE": served.url, "READS": READS, "WRITES": bodies, "API": SEED_PATH}
            page = HOSTILE
            for name, value in said.items():
                page = page.replace(f"= {name},", f"= {json.dumps(value)},")
            server.page = page.encode()
            served.ask("/_mock/sandboxes/kept", method="PUT", body={})
            before = state_of(served)
            with browser_at(f"{origin}/", folder):
                assert server.has_told.wait(PATIENCE), f"the page told nothing:\n{served.output}"
            after = state_of(served)
            host = {"Host": f"evil.test:{served.port}"}
            rebound = {**host, "Origin": f"http://evil.test:{served.port}"}
            asked = [served.ask(path, headers=host).status for path in READS]
            asked += [
                served.ask(path, method=method, body=body, headers=rebound).status
                for method, path, body in WRITES
            ]
            assert state_of(served) == after
            return Visit(server.told, before, after, asked)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Visit:
    return visit(tmp_path_factory.mktemp("hostile"), is_known=False)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Visit:
    return visit(tmp_path_factory.mktemp("known"), is_known=True)


def test_a_page_elsewhere_reads_nothing_of_the_control_api_however_it_asks(hostile: Visit) -> None:
    assert "error" not in hostile.told, hostile.told["error"]
    told = {**hostile.told["reads"], **hostile.told["writes"]}
    assert len(told) == 9 * len(READS) + 8 * len(WRITES)
    opened = {how: seen for how, seen in told.items() if seen[1:] != [0, ""]}
    assert opened == {}
    kinds = {seen[0] for seen in told.values()}
    assert kinds == {"TypeError", "opaque", "error", "closed"}


def test_a_page_elsewhere_moves_no_time_and_takes_no_sandbox_away(hostile: Visit) -> None:
    assert (hostile.told["form"], hostile.told["other_form"]) == ("closed", "closed")
    assert hostile.before[0] == hostile.after[0]
    assert {*hostile.before[1]} <= {*hostile.after[1]}


def test_a_page_elsewhere_makes_no_sandbox_by_what_it_asks_of_the_control_api(
    hostile: Visit,
) -> None:
    assert hostile.before[1] == hostile.after[1]


def test_a_name_that_was_made_to_point_here_is_refused_whether_or_not_its_page_is_known(
    hostile: Visit, known: Visit
) -> None:
    assert {*hostile.by_its_name, *known.by_its_name} == {403}


def test_the_apis_are_open_to_a_page_that_may_not_steer(hostile: Visit) -> None:
    kind, status, text = hostile.told["api"]
    assert (kind, status) == ("cors", 200)
    assert text.startswith('{"evaluation":{')


def test_a_page_that_the_server_was_told_of_reads_and_steers_by_json_and_by_nothing_else(
    known: Visit,
) -> None:
    assert "error" not in known.told, known.told["error"]
    for how in ("plainly", "anonymous", "with credentials", "tokened"):
        for path in READS:
            kind, status, text = known.told["reads"][f"{path} {how}"]
            assert (kind, status, text[:2]) == ("cors", 200, '{"'), f"{path} {how}"
    for method, path, _ in WRITES:
        told = {
            how: known.told["writes"][f"{method} {path} {how}"][:2]
            for how in ("as JSON", "with credentials", "as text", "as bytes", "as a form")
        }
        assert [*told.values()][2:] == [["cors", 415]] * 3, told
        assert {kind for kind, _ in told.values()} == {"cors"}, told
        assert {status for _, status in [*told.values()][:2]} <= {200, 201}, told
    assert known.before[0] < known.after[0]
    assert {"made", "x", "y"} <= {*known.after[1]}
    assert "kept" not in known.after[1]
