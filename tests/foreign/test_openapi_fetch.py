"""A TypeScript client, openapi-fetch with the types that openapi-typescript makes of our documents.

`tsc` reads the script with every check there is, the control API's document being one of those
whose types it must keep; then Node.js runs it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from judging import LIFE, SERVERS, assert_no_violation, serving
from node_packages import installed, run, workspace

from mockserver import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
GENERATE = ["--default-non-nullable=false"]
"""Otherwise a request has to say every field that has a default."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the script, compiled."""
    packages = installed(HERE)
    folder = workspace(HERE / "openapi_fetch", packages, tmp_path_factory.mktemp("built"))
    with serving(SERVERS[0], folder) as url, Client(url) as mock:
        for name, document in {"oxen": "oxen.strict.json", "control": "control.json"}.items():
            (folder / f"{name}.json").write_text(json.dumps(mock.document(document)), "utf-8")
            run(["openapi-typescript", f"{name}.json", *GENERATE, "-o", f"{name}.ts"], folder)
    run(["tsc", "--project", "."], folder)
    return folder


@pytest.fixture(params=SERVERS)
def mock(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    with (
        serving(request.param, tmp_path) as url,
        Client(url, sandbox=request.node.nodeid) as mock,
    ):
        yield mock


def test_a_script_with_generated_types_lives_a_whole_life(built: Path, mock: Client) -> None:
    told = json.loads(run(["node", "built/life.js"], built, OXEN_BASE_URL=mock.url))
    sent = told.pop("sent")
    assert (sent[0], sent[5]) == ("main%2Fdata%2Fa.parquet", "main%2Fdata%2Fb.parquet")
    queued, *started = told.pop("shares")
    assert (queued, started[-1]) == (None, 1)
    assert told == {
        "resource": {"version": "main", "path": "data/a.parquet"},
        "statuses": list(LIFE),
        "error_message": "The model did not answer.",
        "limited": [429, "5", "too_many_requests"],
        "unknown": [404, "resource_not_found"],
        "refused": [400, "body /prompt: expected a string (required), found nothing"],
    }
    assert_no_violation(mock, requests=len(sent))
