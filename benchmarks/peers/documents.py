"""The documents, the fixture and the example answer that servers are started with, as files.

Every peer is given the strict document that the mock holds its own answers to, so that all check
the same; the example in it is an answer of the mock's.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import yaml

from mockserver import Settings, create_app
from mockserver.bundled import bundled
from peers.asked import BELOW, EVALUATION, MODERATE, RESTLESS, TOKEN, look

if TYPE_CHECKING:
    from pathlib import Path

    Document = dict[str, Any]

HUB_PATHS = 32
"""Of the hub's whole document."""
MANY_PATHS = 500
LONGEST_PROMPT = 200
"""In answers, by the narrowed document; the requests of that document may have longer ones."""
JSON = "application/json"

FIXTURE: Document = {
    "about": "Two hours of running over many rows.",
    "phases": [{"queued": "10ms"}, {"running": "2h"}, {"committing": "30s"}, "completed"],
    "rows": 1_200_000,
    "usage": {"prompt_tokens": 80.4, "completion_tokens": 20.04, "credits": 0.000054},
    "evaluation": {
        "id": EVALUATION,
        "name": "Sentiment of many reviews",
        "prompt": "Is this review positive or negative? Answer with one word: {review}",
        "input_type": "text",
        "output_type": "text",
        "resource": {"path": "datasets/reviews/all.parquet", "version": "main"},
        "target_branch": "api-results-branch",
        "target_column": "prediction",
        "model": {"id": "41148aa1-906c-411c-b84b-847d980e8896", "name": "gpt-4o-mini"},
    },
}
CALM: Document = {
    **FIXTURE,
    "about": "The same with fewer rows: its figures move nearly twice a second, as most jobs' do.",
    "rows": 12_000,
    "match": {"path": "mock/bench/*"},
    "evaluation": {**FIXTURE["evaluation"], "id": MODERATE},
}
UNENDING: Document = {
    **FIXTURE,
    "about": "A day of running over so many rows that hardly two looks show the same figures.",
    "phases": [{"queued": "10ms"}, {"running": "24h"}, {"committing": "30s"}, "completed"],
    "rows": 1_000_000_000,
    "evaluation": {**FIXTURE["evaluation"], "id": RESTLESS},
}

_GET, _LIST = ("get",), ("get", "post")
_TUNES = "/api/repos/{namespace}/{repo_name}/fine_tunes"
FURTHER: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_TUNES, _LIST),
    (f"{_TUNES}/{{fine_tune_id}}", ("get", "patch", "delete")),
    (f"{_TUNES}/{{fine_tune_id}}/actions/run", ("post",)),
    (f"{_TUNES}/{{fine_tune_id}}/actions/stop", ("post",)),
    (f"{_TUNES}/{{fine_tune_id}}/tokenize", ("post",)),
    (f"{_TUNES}/{{fine_tune_id}}/train_status", _GET),
    (f"{_TUNES}/{{fine_tune_id}}/train_status/{{new_status}}", ("put",)),
    (f"{_TUNES}/{{fine_tune_id}}/logs", _GET),
    (f"{_TUNES}/{{fine_tune_id}}/checkpoints", _GET),
    (f"{_TUNES}/{{fine_tune_id}}/checkpoints/{{step}}/deploy", ("post",)),
    ("/api/user/fine_tunes", _GET),
    ("/api/users/{username}/fine_tunes", _GET),
    ("/api/orgs/{name}/fine_tunes", _GET),
    ("/api/ai/queue", _LIST),
    ("/api/ai/queue/{generation_id}", ("get", "delete")),
    ("/api/ai/generations", _GET),
    ("/api/ai/generations/{generation_id}", _GET),
    ("/api/ai/models", _GET),
    ("/api/ai/models/featured", _GET),
    ("/api/ai/models/favorites", _GET),
    ("/api/ai/models/search", _GET),
    ("/api/ai/models/{id}", ("get", "put", "delete")),
    ("/api/ai/models/{id}/activate", ("post",)),
    ("/api/ai/models/{id}/deactivate", ("post",)),
    ("/api/ai/models/{id}/favorite", ("post", "delete")),
    ("/api/ai/chat/completions", ("post",)),
    ("/api/ai/images/generate", ("post",)),
    ("/api/ai/images/edit", ("post",)),
    ("/api/ai/videos/generate", ("post",)),
    ("/api/ai/audio/generate", ("post",)),
)
"""What the hub's document has beside evaluations: 30 paths of jobs and lists."""


def write_all(folder: Path) -> None:
    """Write everything that the servers read: see the names below."""
    fixtures = folder / "fixtures"
    fixtures.mkdir(exist_ok=True)
    write_fixtures(fixtures)
    published = yaml.safe_load((bundled("spec") / "oxen.yaml").read_text("utf-8"))
    write(folder / f"hub-{HUB_PATHS}.json", grown(published, HUB_PATHS))
    write(folder / f"hub-{MANY_PATHS}.json", grown(published, MANY_PATHS))
    write(folder / "narrowed.json", narrowed(published))

    client = create_app(Settings(fixtures=(fixtures,))).test_client()
    answer = client.get(look().path, headers=TOKEN).data
    (folder / "answer.json").write_bytes(answer)
    strict = json.loads(client.get("/_mock/openapi/oxen.strict.json").data)
    strict["servers"] = [{"url": "/"}]
    shown = exemplified(strict, {"example": json.loads(answer)})
    write(folder / "peers.json", shown)
    both = {"right": {"value": json.loads(answer)}, "wrong": {"value": _wrong(json.loads(answer))}}
    write(folder / "prism.json", exemplified(strict, {"examples": both}))
    shown["components"]["securitySchemes"]["authorization"]["x-bearerInfoFunc"] = "moving.anybody"
    write(folder / "connexion.json", shown)
    write(folder / "mappings" / "get.json", _stub("GET", "urlPath", look().path))
    write(folder / "mappings" / "create.json", _stub("POST", "urlPathPattern", f"{BELOW}/.*"))
    (folder / "__files").mkdir(exist_ok=True)
    (folder / "__files" / "answer.json").write_bytes(answer)


def write_fixtures(folder: Path) -> None:
    """Write the fixtures of what is looked at."""
    for name, fixture in (("bench", FIXTURE), ("calm", CALM), ("restless", UNENDING)):
        (folder / f"{name}.yaml").write_text(json.dumps(fixture), "utf-8")  # JSON is YAML


def write(file: Path, value: object) -> None:
    """Write a JSON file."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(value), "utf-8")


def grown(published: Document, paths: int) -> Document:
    """The published document, its defects kept, with further paths that have the same ones.

    Past the hub's own the further paths are those of the hub again, under other names.
    """
    document = copy.deepcopy(published)
    number = 0
    while len(document["paths"]) < paths:
        again, place = divmod(number, len(FURTHER))
        template, methods = FURTHER[place]
        kind = f"Job{number}"
        path = template.replace("/api/", f"/api/v{again + 1}/") if again else template
        document["paths"][path] = {m: _operation(f"{m}_{number}", m, kind) for m in methods}
        document["components"]["schemas"].update(_schemas(kind))
        number += 1
    return document


def _operation(name: str, method: str, kind: str) -> Document:
    """An operation; the parameters of its path are declared nowhere, as in the hub's document."""
    answer = {"schema": {"$ref": f"#/components/schemas/{kind}Response"}}
    operation: Document = {
        "operationId": f"OxenApiWeb.Controllers.JobController.{name}",
        "parameters": [
            {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}},
            {"name": "search", "in": "query", "schema": {"type": "string"}},
        ],
        "responses": {
            "200": {"description": "As it stands.", "content": {JSON: answer}},
            "404": {"description": "None.", "content": {JSON: {"schema": {"type": "object"}}}},
        },
        "callbacks": {},
        "security": [{"authorization": []}],
    }
    if method in {"post", "put", "patch"}:
        taken = {"schema": {"$ref": f"#/components/schemas/{kind}Request"}}
        operation["requestBody"] = {"required": False, "content": {JSON: taken}}
    return operation


def _schemas(kind: str) -> Document:
    """A job's schemas: what starts it, itself, and the envelope around it."""
    text, moment = {"type": "string"}, {"type": "string", "format": "date_time", "nullable": True}
    states = ["created", "enqueued", "running", "completed", "stopped", "errored"]
    own: Document = {f"setting_{n}": {**text, "nullable": True} for n in range(6)}
    job: Document = {
        "id": {**text, "format": "uuid"},
        "status": {**text, "enum": states},
        "inserted_at": moment,
        "started_at": moment,
        "finished_at": moment,
        "progress": {"type": "object", "properties": {"step": {"type": "integer"}}},
        **own,
    }
    wanted = {"type": "object", "required": ["setting_0"], "properties": own}
    inside = {"anyOf": [{"$ref": f"#/components/schemas/{kind}"}]}
    envelope = {"job": inside, "status": text, "status_message": text}
    return {
        kind: {"title": kind, "type": "object", "properties": job},
        f"{kind}Request": {"title": f"{kind}Request", **wanted},
        f"{kind}Response": {"type": "object", "properties": envelope},
    }


def narrowed(published: Document) -> Document:
    """The published document, but answers show no long prompts: a create can break that."""
    document = copy.deepcopy(published)
    shown = document["components"]["schemas"]["Evaluation"]["properties"]
    shown["prompt"]["maxLength"] = LONGEST_PROMPT
    return document


def exemplified(strict: Document, shown: Document) -> Document:
    """The document with this in every success, for servers that answer with what stands there."""
    document = copy.deepcopy(strict)
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["responses"]["200"]["content"][JSON].update(shown)
    return document


def _wrong(answer: Document) -> Document:
    return {**answer, "evaluation": {**answer["evaluation"], "progress": "half"}}


def _stub(method: str, by: str, path: str) -> Document:
    """WireMock's words for an answer."""
    headers = {"Content-Type": JSON}
    answer = {"status": 200, "bodyFileName": "answer.json", "headers": headers}
    return {"request": {"method": method, by: path}, "response": answer}
