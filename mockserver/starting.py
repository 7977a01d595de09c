"""What `oxen-mock init` writes: a commented settings file and a first fixture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.apis.known import ASSUMPTIONS
from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation
from mockserver.settings import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURE = Path("oxen-fixtures") / "my-first.yaml"

_FIXTURE_TEXT = """\
# One evaluation that lives over time. `oxen-mock show my-first` draws it.
about: My first evaluation; it fails after 71 of 200 rows.
phases:
  - queued: 2s
  - running: 20s
  - errored
rows: 200
stops_at_row: 71
error_message: The model did not answer.
evaluation:
  name: My first evaluation
  prompt: "Is this review positive? {review}"
# Creates whose path matches live this life too.
match:
  path: "mock/my-first/*"
"""


def write_start(folder: Path) -> Iterator[Path]:
    """Write both files, yielding each; an existing one is never touched.

    Raises:
        BadSettingsError: one of them exists already, or cannot be written.
    """
    texts = {folder / FILE: _settings_text(), folder / FIXTURE: _FIXTURE_TEXT}
    flaws = [
        Violation(str(path), "no such file yet", "one", Kind.SOURCE, "move it away first")
        for path in texts
        if path.exists()
    ]
    if flaws:
        raise BadSettingsError("nothing was written", flaws)
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            flaw = Violation(str(path), "a place to write to", reason, Kind.SOURCE)
            raise BadSettingsError("it could not be written", [flaw]) from None
        yield path.relative_to(folder)


def _settings_text() -> str:
    lines = [
        "# Settings of oxen-mock, for every command run in this folder or below.",
        "# OXEN_MOCK_* variables beat this file, flags beat both.",
        "",
        f'fixtures = ["{FIXTURE.parent.as_posix()}"]',
        '# host = "127.0.0.1"',
        "# port = 4010",
        '# prefix = "/mock"     # the path everything is served under',
        "# speed = 1            # virtual seconds per real second; 0 is frozen",
        '# epoch = "2026-01-31T12:00:00Z"',
        '# seed = "7"           # the same seed gives the same ids',
        '# tokens = ["secret"]  # any token is accepted where this is not given',
        '# specs = ["hub.json"] # your own copy of the hub\'s document',
        "# max_body = 10000000",
        "# quiet = false",
        '# control_token = "secret"  # what /_mock/ asks for; needed where host is not loopback',
        "# open_control = false      # true opens /_mock/ to whoever reaches the server",
        '# allowed_hosts = ["box.local"]  # names that this machine has beside localhost',
        '# control_origins = ["http://localhost:5173"]  # pages that may use /_mock/',
        "# require_sandbox = false   # true refuses requests that name no sandbox",
        '# restore = "snapshot.json" # a snapshot to start from',
        '# url_file = "oxen-mock.url" # where serve writes its URL once it takes connections',
        "",
        "# What nobody knows about the hub; `oxen-mock spec` tells more.",
        "[assume]",
    ]
    for known in ASSUMPTIONS:
        default = known.default
        value = str(default).lower() if isinstance(default, bool) else repr(default)
        value = value.replace("'", '"')
        lines.append(f"# {known.name} = {value}  # {known.takes}")
    return "\n".join(lines) + "\n"
