"""An exchange as somebody recorded it, with what is not known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.core.dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from mockserver.core.exchange import Request, Response


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an archive.

    Attributes:
        file: the archive's name as people are told it.
        index: its place in `log.entries`, from 0.
        host: name and port, in lower case.
        url_path: the path of the URL, percent-encoded as it was sent.
        request: its path is the whole of it, decoded.
        sent_whole: whether the body of the request is known.
        answer_whole: whether the body of the answer is known.
        started: when it was sent, by the recorder's clock.
        ended: when its answer had come, by the same.
        complete: whether it shows every header, as our own archives do.
        hidden: secrets that it holds outside of its headers and its query.
        unanswered: why there is no answer of the server's to judge; empty where there is one.
    """

    file: str
    index: int
    host: str
    url_path: str
    request: Request
    response: Response
    sent_whole: bool
    answer_whole: bool
    started: datetime
    ended: datetime
    complete: bool
    hidden: tuple[str, ...]
    unanswered: str
