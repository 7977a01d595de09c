"""The control paths below /_mock/: who is let in, and the answer of the control API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request as flask_request

from mockserver.core.exchange import Response
from mockserver.problems import RefusedError, render_control
from mockserver.settings import LARGEST_BODY
from mockserver.web.body import read_body
from mockserver.web.cors import is_preflight
from mockserver.web.requests import base_url, path_of, read_request, refuse_broken_path

if TYPE_CHECKING:
    from mockserver.control.control import Control
    from mockserver.guard import Guard

_OF_SANDBOXES = "/_mock/sandboxes/"


def answer_control(control: Control, guard: Guard, max_body: int) -> Response:
    """The answer to a request on a control path; nothing of its body is read before it is let in.

    Snapshots are large, so theirs may be as long as any that is read at all.
    """
    most = LARGEST_BODY if path_of().startswith(_OF_SANDBOXES) else max_body
    bare = read_request(b"")
    try:
        refuse_broken_path()
        guard.check(bare, flask_request.remote_addr or "")
        if is_preflight(bare.method, bare.headers):
            return Response(204)
        body = read_body(flask_request.stream, most, flask_request.content_length)
    except RefusedError as error:
        return render_control(error)
    return control.answer(read_request(body), base_url())
