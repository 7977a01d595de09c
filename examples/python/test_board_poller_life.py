"""A board of evaluations that live in any way, while Hypothesis looks for a broken claim."""

from __future__ import annotations

import ssl

import httpx
from board_poller import Board, Row
from hypothesis import settings
from hypothesis.stateful import invariant

from mockserver.strategies import Followed, OxenLife
from mockserver.testing import Oxen

CONTEXT = ssl.create_default_context()  # shared: making one takes longer than an example


class BoardLife(OxenLife):
    def connect(self, oxen: Oxen) -> None:
        self.http = httpx.Client(verify=CONTEXT)
        self.board = Board(self.http, oxen.url, oxen.token, "ox/cats")

    def disconnect(self) -> None:
        self.http.close()

    def poll(self, evaluation: Followed) -> Row:
        return self.board.refresh(evaluation.id)

    @invariant()
    def no_row_goes_backwards(self) -> None:
        for evaluation in self.evaluations:
            shares = [row.done or 0 for row in evaluation.views]
            assert shares == sorted(shares)

    @invariant()
    def nothing_is_given_up_before_its_end(self) -> None:
        for evaluation in self.evaluations:
            if evaluation.views and evaluation.id not in self.board.waits_for():
                assert evaluation.has_ended

    def at_the_end(self, evaluation: Followed, row: Row) -> None:
        assert row.status == evaluation.status
        assert evaluation.id not in self.board.waits_for()


TestBoardLife = BoardLife.TestCase
TestBoardLife.settings = settings(TestBoardLife.settings, max_examples=50)
