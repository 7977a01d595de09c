"""A mock starts cheaply: nothing is imported, read closer or proved before somebody needs it."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from mockserver.apis.known import ASSUMPTIONS, every_api
from mockserver.assemble import assemble
from mockserver.bundled import bundled
from mockserver.contract.validator import Validator
from mockserver.core.errors import BadFixturesError
from mockserver.core.exchange import json_response
from mockserver.fixture_files import read_catalogs
from mockserver.loading import load_contracts, load_fixtures, spec_text
from mockserver.proving import prove
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mockserver.loading import Proved

HEAVY = ("openapi_core", "openapi_spec_validator", "jsonschema", "referencing", "jsonpath_rfc9535")
EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIFE = "phases: [queued: 3s, running: 24s, completed]\n"

PREPARED = f"""
import json, sys
from mockserver import Settings, create_app
client = create_app(Settings(speed=0)).test_client()
headers = {{"Authorization": "Bearer any-token"}}
def ask(method, path, **more):
    path = "/api/repos/ox/cats/evaluations/" + path
    return client.open(path, method=method, headers=headers, **more)
def tell(*told):
    print(json.dumps([*told, [name for name in {HEAVY!r} if name in sys.modules]]))
"""
CREATE = {
    "prompt": "Is it {x}?",
    "input_type": "text",
    "output_type": "text",
    "model_id": "41148aa1-906c-411c-b84b-847d980e8896",
    "target_column": "y",
}


def in_a_process_of_its_own(code: str) -> Any:  # noqa: ANN401 because it is what the code tells
    done = subprocess.run(
        [sys.executable, "-c", PREPARED + code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# -- what is imported -------------------------------------------------------------------------


def test_right_requests_of_the_hub_are_answered_without_a_heavy_import() -> None:
    code = f"""
made = ask("POST", "main/a/b.parquet", json={CREATE!r})
found = ask("GET", made.json["evaluation"]["id"])
looks = [ask("HEAD", made.json["evaluation"]["id"]), ask("GET", "none"), client.get("/_mock/clock")]
looks += [client.post("/_mock/clock/advance", json={{"to": "next"}}), client.get("/_mock/report")]
tell([answer.status_code for answer in (made, found, *looks)])
"""
    assert in_a_process_of_its_own(code) == [[200, 200, 200, 404, 200, 200, 200], []]


SHORT = """
import io, json, sys
from mockserver.assemble import assemble, front_of
from mockserver.settings import Settings
app = front_of(assemble(Settings(speed=0)))
def look(path):
    begun = []
    b"".join(app({
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SCRIPT_NAME": "",
        "HTTP_HOST": "127.0.0.1", "HTTP_AUTHORIZATION": "Bearer t", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
    }, lambda status, headers: begun.append(status)))
    return begun[0]
looks = [look("/api/repos/ox/cats/evaluations/d0c8585d-1234-5678-abcd-ef0123456789")]
"""


@pytest.mark.parametrize(
    ("more", "spared"),
    [
        ("", ["yaml", "flask", "jsonschema", "http.server", "mockserver.control.handlers"]),
        ('looks += map(look, ["/_mock/health", "/_mock/clock"])', ["yaml", "flask", "jsonschema"]),
    ],
    ids=["the hub's", "the control API's"],
)
def test_a_start_that_finds_all_in_the_cache_imports_no_more_than_a_look_needs(
    more: str, spared: list[str]
) -> None:
    tell = f"print(json.dumps([looks, [name for name in {spared!r} if name in sys.modules]]))"
    for is_first in (True, False):
        done = subprocess.run(
            [sys.executable, "-c", f"{SHORT}\n{more}\n{tell}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        looks, imported = json.loads(done.stdout)
        assert set(looks) == {"200 OK"}
        assert is_first or imported == []


def test_a_request_without_a_token_is_refused_without_a_heavy_import() -> None:
    code = """
del headers["Authorization"]
tell(ask("GET", "d0c8585d-1234-5678-abcd-ef0123456789").status_code)
"""
    assert in_a_process_of_its_own(code) == [401, []]


def test_a_wrong_request_is_worded_by_openapi_core_which_is_imported_then() -> None:
    code = """
answer = ask("POST", "main/a.csv", json={"prompt": 1})
tell(answer.status_code, answer.json["error"]["detail"].split("; "))
"""
    status, details, imported = in_a_process_of_its_own(code)
    assert status == 400
    assert "body /prompt: expected a string, found 1" in details
    assert {"openapi_core", "jsonschema"} <= set(imported)


def test_threads_that_are_refused_first_at_once_make_one_validator() -> None:
    contract = load_contracts(Settings(), every_api({}))["oxen"]
    operation = next(o for o in contract.operations.values() if o.method == "POST")
    start, made = Barrier(8), []

    class Watched(Validator):
        def __init__(self, document: Mapping[str, Any], formats: Mapping[str, Any]) -> None:
            made.append(document)
            super().__init__(document, formats)

    def refused(_: int) -> tuple[str, ...]:
        start.wait()
        told = contract.check_answer(operation, json_response(200, {}))
        return tuple(str(violation) for violation in told)

    with (
        patch("mockserver.contract.validator.Validator", Watched),
        ThreadPoolExecutor(8) as threads,
    ):
        answers = set(threads.map(refused, range(8)))
    [told] = answers
    assert "body /evaluation: expected a value (required), found nothing" in told
    assert [*made] == [contract.strict]


# -- what is proved ---------------------------------------------------------------------------


def proved(settings: Settings, *, trusting: bool) -> Proved:
    apis = every_api(settings.assume)
    return load_fixtures(settings, apis, load_contracts(settings, apis), trusting=trusting)


def test_every_bundled_fixture_of_each_api_is_proved_where_nothing_is_taken_at_its_word() -> None:
    found = proved(Settings(epoch=EPOCH), trusting=False)
    assert (found.left_out, found.idle) == ((), ())
    for name, catalog in found.catalogs.items():
        folder = bundled("fixtures") / name
        names = {path.stem for path in folder.rglob("*.yaml")}
        assert names == {*catalog.evaluations, *catalog.answers}
        assert found.judged[name] > 3 * len(catalog.evaluations)


def test_bundled_fixtures_that_are_served_as_they_come_are_taken_at_their_word() -> None:
    trusted, judged = (proved(Settings(), trusting=trusting) for trusting in (True, False))
    assert set(trusted.judged.values()) == {0}
    for name, catalog in judged.catalogs.items():
        assert trusted.catalogs[name].evaluations.keys() == catalog.evaluations.keys()
        assert trusted.catalogs[name].answers.keys() == catalog.answers.keys()
        for life, fixture in catalog.evaluations.items():
            assert trusted.catalogs[name].evaluations[life].said == fixture.said


def test_a_fixture_that_is_known_to_keep_the_schema_is_read_like_any_other() -> None:
    forms, folder = {api.name: api.form for api in every_api({})}, bundled("fixtures")
    known, flaws = read_catalogs([folder], forms, [folder])
    asked, others = read_catalogs([folder], forms)
    assert flaws == others == []
    for name, catalog in asked.items():
        for life, fixture in catalog.evaluations.items():
            same = known[name].evaluations[life]
            assert (same.timeline, same.rows, same.fields) == (
                fixture.timeline,
                fixture.rows,
                fixture.fields,
            )


def test_assumptions_that_are_said_as_they_are_by_default_change_nothing() -> None:
    said = {known.name: known.default for known in ASSUMPTIONS}
    assert set(proved(Settings(assume=said), trusting=True).judged.values()) == {0}


@pytest.mark.parametrize(
    "assume", [{"dialect": "legacy"}, {"fractional_seconds": True}, {"answer_style": "live"}]
)
def test_where_something_else_is_assumed_every_fixture_is_proved(assume: dict[str, object]) -> None:
    trusted, judged = (proved(Settings(assume=assume), trusting=t) for t in (True, False))
    assert trusted.judged == judged.judged
    assert min(trusted.judged.values()) > 0


def test_by_a_document_of_the_users_own_every_fixture_is_proved() -> None:
    settings = Settings(specs=(("mine.yaml", spec_text("oxen.yaml")),))
    trusted, judged = (proved(settings, trusting=trusting) for trusting in (True, False))
    assert trusted.judged == judged.judged
    assert min(trusted.judged.values()) > 0


def test_of_a_users_own_fixtures_every_one_is_proved(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(LIFE, "utf-8")
    (tmp_path / "happy-path.yaml").write_text(LIFE, "utf-8")  # in place of the bundled one
    alone = proved(Settings(fixtures=(tmp_path,), epoch=EPOCH), trusting=True)
    together = proved(Settings(fixtures=(tmp_path,), epoch=EPOCH), trusting=False)
    assert 0 < alone.judged["oxen"] < together.judged["oxen"]
    assert alone.judged["nugen"] == 0
    assert alone.catalogs["oxen"].evaluations["happy-path"].file.parent == tmp_path


def test_a_users_own_fixture_that_breaks_the_contract_is_refused_at_the_start(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.yaml").write_text(f"{LIFE}evaluation: {{id: 7}}\n", "utf-8")
    with pytest.raises(BadFixturesError, match=r"mine\.yaml:2"):
        assemble(Settings(fixtures=(tmp_path,)))


def test_fixtures_that_are_read_again_are_proved_again() -> None:
    mock = assemble(Settings())
    with patch("mockserver.proofs.prove", wraps=prove) as proving:
        assert mock.reload() == ()
    assert proving.call_count == sum(
        len(served.catalog.evaluations) for served in mock.maker.served.values()
    )
