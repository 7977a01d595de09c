"""A page on another port, in a real browser: what it may ask, and what it may read."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from served import CREATE_BODY, CREATE_PATH, Served

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
