"""What `oxen-mock serve` makes before there is a worker, and what a worker makes of it."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from mockserver.assemble import assemble
from mockserver.core.errors import BadFixturesError
from mockserver.server import Address
from mockserver.serving import Loaded
from mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from unittest.mock import Mock

HERE = Address("127.0.0.1", 4010)


@pytest.fixture
def assembling() -> Iterator[Mock]:
    """Nobody listens, and no file is watched."""
    with (
        patch("mockserver.serving.when_listening"),
        patch("mockserver.serving._watch"),
        patch("mockserver.serving.assemble", wraps=assemble) as assembling,
    ):
        yield assembling


def test_a_forked_worker_serves_what_was_made_before_it(assembling: Mock) -> None:
    loaded = Loaded(Settings(host="localhost", quiet=True))
    loaded.listen_at(HERE)
    assert callable(loaded())
    assert assembling.call_count == 1


def test_a_spawned_worker_is_told_the_settings_and_makes_it_again(assembling: Mock) -> None:
    loaded = Loaded(Settings(host="localhost", seed="7", quiet=True))
    loaded.listen_at(HERE)
    sent = pickle.dumps(loaded)
    assert len(sent) < 2_000
    assert callable(pickle.loads(sent)())  # noqa: S301 it is our own
    [_, again] = assembling.call_args_list
    assert (again.args[0].host, again.args[0].seed) == ("127.0.0.1", "7")


def test_a_worker_that_takes_over_makes_everything_anew(assembling: Mock) -> None:
    loaded = Loaded(Settings(quiet=True))
    loaded.listen_at(HERE)
    loaded.forget()
    loaded()
    assert assembling.call_count == 2


def test_what_cannot_be_served_is_told_before_there_is_a_worker(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("phases: [none]\n", "utf-8")
    with pytest.raises(BadFixturesError, match=r"mine\.yaml:1"):
        Loaded(Settings(fixtures=(tmp_path,)))
