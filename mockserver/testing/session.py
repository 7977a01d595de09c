"""A run of tests, or one worker of it: which sandbox each test gets."""

from __future__ import annotations

import hashlib
import re
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import pytest

from mockserver.core.errors import MockserverError
from mockserver.testing.apis import MockedApi
from mockserver.testing.servers import Servers
from mockserver.testing.stash import ITEM, WATCH
from mockserver.testing.watch import Watch
from mockserver.testing.wishes import Wishes, granted, run_seed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockserver.making import Options
    from mockserver.settings import Settings
    from mockserver.testing.servers import Opened, Running

Face = TypeVar("Face", bound=MockedApi)

MARKERS = ("oxen", "nugen")

_LONGEST_NAME = 40
_NO_WORD = re.compile(r"[^A-Za-z0-9]+")


class Session:
    """Opens sandboxes for tests; the servers start when the first one needs them."""

    def __init__(self, config: pytest.Config, *, counts: bool) -> None:
        """Start nothing yet; with `counts` a report on each sandbox is kept."""
        self._config = config
        self._counts = counts
        self._servers = Servers()
        self._seed: str | None = None
        self._needs: dict[str, tuple[Running, Options]] = {}

    def watch(self, item: pytest.Item) -> Watch:
        """What is known of a test, from now on."""
        watch = item.stash.get(WATCH, None)
        if watch is None:
            here = self._config.invocation_params.dir
            watch = item.stash[WATCH] = Watch(self._snapshots(), here, self._counts)
        return watch

    def open(self, item: pytest.Item, more: Wishes) -> Opened:
        """A sandbox for a test: as its markers say, and `more` before them.

        Raises:
            Failed: pytest's own; what is asked for cannot be had.
        """
        watch = self.watch(item)
        watch.opened += 1
        try:
            running, options = self._needed(item, more)
            watch.begin(running)
            return running.open(_name(item.nodeid, watch.opened), options)
        except MockserverError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None

    @contextmanager
    def opened(self, item: pytest.Item, more: Wishes) -> Iterator[Opened]:
        """A sandbox that is judged where the block ends.

        Raises:
            Failed: pytest's own; the contract was broken.
        """
        opened, watch = self.open(item, more), self.watch(item)
        try:
            try:
                yield opened
            except BaseException as error:
                if watch.note_on(error, opened):
                    watch.keep_story(opened)
                raise
            try:
                watch.judge(opened)
            except pytest.fail.Exception:
                watch.keep_story(opened)
                raise
        finally:
            watch.keep_report(opened)
            opened.close()

    def url(self) -> str:
        """The base URL of the server that a test without markers gets."""
        running, _ = self._granted(Wishes(), self._config.rootpath)
        return running.url

    def stop(self) -> None:
        """Stop every server."""
        self._servers.stop()

    def _needed(self, item: pytest.Item, more: Wishes) -> tuple[Running, Options]:
        """The server and the options of a sandbox, worked out once a test where nothing differs."""
        if more != Wishes(seed=more.seed):
            return self._made(item, more)
        if item.nodeid not in self._needs:
            self._needs = {item.nodeid: self._made(item, Wishes())}
        running, options = self._needs[item.nodeid]
        seed = options.seed if more.seed is None else str(more.seed)
        return running, replace(options, seed=seed)

    def _made(self, item: pytest.Item, more: Wishes) -> tuple[Running, Options]:
        wishes = more.over(Wishes.of(_marked(item)))
        running, options = self._granted(wishes, item.path.parent)
        said = options.seed if wishes.seed is None else str(wishes.seed)
        seed = f"{self._run_seed()}/{item.nodeid}" if said is None else said
        return running, replace(options, seed=seed)

    def _granted(self, wishes: Wishes, beside: Path) -> tuple[Running, Options]:
        told = granted(wishes, self._config.rootpath, beside)
        return self._servers.of(told.settings), told.options

    def _run_seed(self) -> str:
        if self._seed is None:
            self._seed = run_seed(self._config.getoption("oxen_seed"), self._config.rootpath)
        return self._seed

    def _snapshots(self) -> Path:
        """Where snapshots are kept: with what pytest itself keeps of a run, if it does."""
        cache = getattr(self._config, "cache", None)
        if cache is not None:
            return Path(cache.mkdir("oxen-mock"))
        return Path(tempfile.gettempdir()) / "oxen-mock"


class Server(Generic[Face]):
    """The mock of a run of tests, and sandboxes of it for a block: for `@given`, and for several.

    Each is judged where its block ends.
    """

    def __init__(self, session: Session, config: pytest.Config, face: type[Face]) -> None:
        """Take what the fixture has."""
        self._session = session
        self._config = config
        self._face = face

    @property
    def url(self) -> str:
        """The base URL of the server, which selects no sandbox; `token` of a sandbox does."""
        return self._session.url()

    @contextmanager
    def sandbox(
        self,
        seed: str | int | None = None,
        *,
        spec: str | Path | None = None,
        fixtures: str | Path | Iterable[str | Path] | Mapping[str, object] = (),
        settings: Settings | Mapping[str, object] | None = None,
    ) -> Iterator[Face]:
        """A fresh sandbox, which is gone after the block; each of the same seed is the same.

        What is not said is as the test's markers say. Without a seed it is that of the test.

        Raises:
            Failed: pytest's own; the contract was broken, or what is asked for cannot be had.
        """
        more = Wishes(seed, spec, fixtures, {} if settings is None else settings)
        with self._session.opened(self._config.stash[ITEM], more) as opened:
            yield self._face(opened)


def _marked(item: pytest.Item) -> Iterator[Mapping[str, object]]:
    """What the markers of a test say, the nearest first."""
    for marker in item.iter_markers():
        if marker.name in MARKERS:
            if marker.args:
                raise MockserverError(
                    f"the marker {marker.name}: expected names with values, as in "
                    f'seed="7", found {marker.args!r}'[:300]
                )
            yield marker.kwargs


def _name(test: str, count: int) -> str:
    """The name of a test's sandbox, which any URL and any header can carry as it is."""
    readable = _NO_WORD.sub("-", test.rpartition("::")[2])[:_LONGEST_NAME].strip("-")
    digest = hashlib.blake2b(test.encode(errors="surrogatepass"), digest_size=5).hexdigest()
    return "-".join(filter(None, (readable, digest, str(count) if count > 1 else "")))
