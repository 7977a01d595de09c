"""Connexion with a handler for each operation, which checks requests and answers.

It knows no uuid; so it is taught one, in the way that its documentation tells.

    python connexion_app.py PORT FOLDER
"""
# ruff: noqa: INP001 because it is started as a script

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import Any

import connexion
import uvicorn
from connexion.resolver import Resolver
from jsonschema import Draft4Validator
from moving import Moving

folder = Path(sys.argv[2])
moving = Moving(folder)


async def answer(*_: object, **__: object) -> dict[str, Any]:
    """Every operation's answer."""
    return moving.now(connexion.request.headers.get("Prefer"))


@Draft4Validator.FORMAT_CHECKER.checks("uuid", raises=ValueError)
def is_uuid(value: object) -> bool:
    """Whether it is a uuid; what is no text is judged elsewhere."""
    return not isinstance(value, str) or uuid.UUID(value) is not None


app = connexion.AsyncApp(__name__, specification_dir=str(folder))
app.add_api(
    "connexion.json",
    resolver=Resolver(lambda _: answer),
    strict_validation=True,
    validate_responses=True,
)
if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False
    )
