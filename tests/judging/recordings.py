"""Recorded exchanges for tests of the judge: true ones of both APIs, and archives around them."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from mockserver.judging.archive import read_archive
from mockserver.judging.judgement import Judge
from mockserver.judging.masking import Mask
from mockserver.judging.told import told_of
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockserver.judging.told import Told

Json = dict[str, Any]

HUB = "https://hub.oxen.ai"
TOKEN = "very-secret-token-4711"  # noqa: S105 no real one
START = datetime(2024, 10, 12, 21, 38, 44, tzinfo=UTC)
ID = "d0c8585d-1234-5678-abcd-ef0123456789"
MODEL = "41148aa1-906c-411c-b84b-847d980e8896"
EVALUATION = f"{HUB}/api/repos/ox/cats/evaluations/{ID}"
CREATE = f"{HUB}/api/repos/ox/cats/evaluations/main/data.parquet"
NUGEN = "https://api.nugen.in/api/v3"
STATUS = f"{NUGEN}/evaluations/eval-xyz789/status"

CREATE_BODY: Json = {
    "name": "n",
    "prompt": "Classify: {text}",
    "input_type": "text",
    "output_type": "text",
    "model_id": MODEL,
    "target_column": "prediction",
    "target_branch": "results",
    "auto_commit": True,
}
COMPLETED: Json = {
    "cancelled_at": None,
    "completed_at": "2024-10-12T21:44:32Z",
    "completion_tokens_used": 2004,
    "created_by": {"id": "1", "username": "ox", "name": None, "image": None},
    "credits_used": 0.5,
    "error_message": None,
    "id": ID,
    "input_type": "text",
    "inserted_at": "2024-10-12T21:38:44Z",
    "is_sample": False,
    "model": {"id": MODEL, "name": "gpt-4o-mini"},
    "name": "n",
    "output_type": "text",
    "progress": {"processed": 100, "total": 100},
    "prompt": "Classify: {text}",
    "prompt_tokens_used": 8040,
    "repository_id": "2f0c7cb4-1b2f-4c7c-a1c0-4a8f3b1f5f11",
    "resource": {"path": "data.parquet", "version": "main"},
    "sample_count": 10,
    "started_at": "2024-10-12T21:38:50Z",
    "status": "completed",
    "target_branch": "results",
    "target_column": "prediction",
    "target_path": None,
    "tokens_used": 10044,
}
QUEUED: Json = COMPLETED | {
    "status": "queued",
    "progress": {"processed": 0, "total": 0},
    "started_at": None,
    "completed_at": None,
    "credits_used": 0,
    **dict.fromkeys(("tokens_used", "prompt_tokens_used", "completion_tokens_used"), 0),
}
RUNNING: Json = COMPLETED | {
    "status": "running",
    "completed_at": None,
    "progress": {"processed": 13, "total": 100},
    "tokens_used": 100,
    "prompt_tokens_used": 60,
    "completion_tokens_used": 40,
    "credits_used": 0.1,
}
COMMITTING: Json = COMPLETED | {"status": "committing", "completed_at": None}
ERRORED: Json = RUNNING | {"status": "errored", "error_message": "The model did not answer."}
CANCELLED: Json = RUNNING | {"status": "cancelled", "cancelled_at": "2024-10-12T21:40:00Z"}
SAMPLE: Json = RUNNING | {"is_sample": True, "progress": {"processed": 3, "total": 10}}
PROBLEM: Json = {
    "error": {"type": "resource_not_found", "title": "The requested resource could not be found"},
    "status": "error",
    "status_message": "resource_not_found",
}

N_WAITING: Json = {
    "evaluation_id": "eval-xyz789",
    "status": "pending",
    "benchmark_id": "task-abc123",
    "progress": "0/10 questions",
    "questions_completed": 0,
    "total_questions": 10,
}
N_RUNNING: Json = N_WAITING | {
    "progress": "5/10 questions",
    "questions_completed": 5,
    "avg_time_per_question": 12.5,
    "eta_seconds": 62,
    "start_time": "2024-10-12T21:38:47Z",
}
N_COMPLETED: Json = N_WAITING | {
    "status": "completed",
    "progress": "10/10 questions",
    "questions_completed": 10,
    "avg_time_per_question": 11.8,
    "start_time": "2024-10-12T21:38:47Z",
    "end_time": "2024-10-12T21:40:45Z",
}
N_RESULTS: Json = {
    "evaluation_id": "eval-xyz789",
    "model_id": "model-abc123",
    "benchmark_id": "task-abc123",
    "status": "completed",
    "raw_answers_count": 10,
    "completed_at": "2024-10-12T21:40:45Z",
    "metrics": {"accuracy": 0.9, "total_questions": 10, "correct_answers": 9},
    "method": "eval",
}
N_ITEM: Json = {
    "evaluation_id": "eval-xyz789",
    "model_id": "model-abc123",
    "benchmark_id": "task-abc123",
    "status": "pending",
    "judge_provider": None,
    "created_at": "2024-10-12T21:38:44Z",
    "metrics": None,
}
N_PAGE: Json = {
    "user_id": "u",
    "evaluations": [N_ITEM],
    "total": 1,
    "limit": 10,
    "offset": 0,
}
N_CREATED: Json = {
    "evaluation_id": "eval-xyz789",
    "model_id": "model-abc123",
    "status": "pending",
    "benchmark_id": "task-abc123",
    "created_at": "2024-10-12T21:38:44Z",
    "message": "Created.",
}


def shown(evaluation: object, **envelope: object) -> Json:
    """The hub's envelope around an evaluation."""
    whole = {"evaluation": evaluation, "status": "success", "status_message": "resource_found"}
    return whole | envelope


def altered(value: Json, path: str, lie: object) -> Json:
    """A copy with another value at a path of keys and indices."""
    changed = copy.deepcopy(value)
    holder: Any = changed
    *steps, last = (int(step) if step.isdecimal() else step for step in path.split("/"))
    for step in steps:
        holder = holder[step]
    holder[last] = lie
    return changed


def without(value: Json, *names: str) -> Json:
    """A copy without these."""
    return {name: inner for name, inner in value.items() if name not in names}


def headers_of(headers: Mapping[str, str]) -> list[Json]:
    """Headers as an archive has them."""
    return [{"name": name, "value": value} for name, value in headers.items()]


def entry(  # noqa: PLR0913 because an exchange has that many parts, all but one by name
    url: str,
    body: object = None,
    *,
    method: str = "GET",
    sent: object = None,
    status: int = 200,
    after: float = 3600.0,
    took: float = 0.2,
    asked: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Json:
    """One entry, asked so many seconds after the start and answered a little later.

    A body that is a text is sent as it stands, anything else as JSON.
    """
    at = START + timedelta(seconds=after)
    dated = format_datetime(at + timedelta(seconds=took), usegmt=True)
    text = body if isinstance(body, str) else json.dumps(body)
    given = {"Content-Type": "application/json", "Date": dated} | dict(headers or {})
    wanted = {"Authorization": f"Bearer {TOKEN}"} if asked is None else dict(asked)
    request: Json = {
        "method": method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers_of(wanted),
        "queryString": [],
        "headersSize": -1,
        "bodySize": 0,
    }
    if sent is not None:
        posted = sent if isinstance(sent, str) else json.dumps(sent)
        request["postData"] = {"mimeType": "application/json", "text": posted}
        request["bodySize"] = len(posted)
    return {
        "startedDateTime": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": took * 1000,
        "request": request,
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": headers_of(given),
            "content": {"size": len(text), "mimeType": given["Content-Type"], "text": text},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(text),
        },
        "cache": {},
        "timings": {"send": 0, "wait": took * 1000, "receive": 0},
        **more,
    }


def created(body: object, **more: Any) -> Json:  # noqa: ANN401 as an entry takes it
    """A create on the hub, as its answer."""
    sent = more.pop("sent", CREATE_BODY)
    return entry(CREATE, body, method="POST", sent=sent, after=more.pop("after", 0.0), **more)


def archive(*entries: Json, creator: str = "Some Recorder") -> Json:
    """An archive of these."""
    made_by = {"name": creator, "version": "1"}
    return {"log": {"version": "1.2", "creator": made_by, "entries": list(entries)}}


@cache
def _judge(assume: tuple[tuple[str, object], ...], published: bool) -> Judge:
    return Judge(Settings(assume=dict(assume)), published=published)


def judged(
    har: Json,
    hosts: Iterable[str] = (),
    *,
    published: bool = False,
    **assume: object,
) -> Told:
    """What is told of an archive."""
    entries = read_archive(json.dumps(har).encode(), "a.har")
    judge = _judge(tuple(sorted(assume.items())), published)
    return told_of(judge.judge(entries, tuple(hosts)), Mask(entries))


def lines(told: Told) -> list[str]:
    """Each finding in a line, with its kind and place before the rest."""
    return [
        f"{one['kind']} {one['place']}: expected {one['expected']}, found {one['found']}"
        for one in told["findings"]
    ]


def places(told: Told, *kinds: str) -> set[str]:
    """The places of findings, of these kinds or of all of them."""
    return {one["place"] for one in told["findings"] if not kinds or one["kind"] in kinds}
