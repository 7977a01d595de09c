"""Settings: from `oxen-mock.toml`, then OXEN_MOCK_* in the environment, then flags.

Serving, checking and tests read the same, so the file is found upwards from the working
folder and every command starts here.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from dataclasses import field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.apis.known import ASSUMPTIONS
from mockserver.assumptions import read_assumptions
from mockserver.cache import VARIABLE as CACHE
from mockserver.core.clock import EARLIEST, FASTEST, LATEST
from mockserver.core.dataclass import dataclass
from mockserver.core.errors import BadSettingsError
from mockserver.core.exchange import Kind, Violation
from mockserver.core.plain import represented, shortened
from mockserver.moods import MOODS, Mood
from mockserver.selection import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FILE = "oxen-mock.toml"
PREFIX = "OXEN_MOCK_"
LARGEST_BODY = 64_000_000
"""Bytes of a request that are read at all, to be thrown away; `max_body` stays below it."""

_OTHERS = {"OXEN_MOCK_URL", "OXEN_MOCK_SANDBOX", CACHE}
"""Variables of this prefix that are no settings: clients in scripts keep the address in two, and
where the cache is decides nothing that is served."""
_SECRET = {"tokens": "others", "control_token": "another"}
"""What is told of these where a message would show what was found."""
_FLAGS = {
    "specs": "--spec",
    "tokens": "--token",
    "allowed_hosts": "--allowed-host",
    "control_origins": "--control-origin",
}
"""Flags that can be repeated are named for one of what the setting holds."""

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://(\[[^\]]*\]|[^:\[\]]*)((?::[0-9]{1,5})?)")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_LARGEST_PORT = 65_535
_MOST_BITS = 1_000
"""Of an integer; far longer ones Python neither writes nor makes a float of."""
_LONGEST_REASON = 120


def host_name(text: str) -> str | None:
    """A machine's name or address in the one form in which two are compared, or None.

    That is in lower case, without the final dot and without an IPv6 address's brackets.
    """
    name = text.lower().removesuffix(".")
    try:
        if name.startswith("[") and name.endswith("]"):
            return str(ipaddress.IPv6Address(name[1:-1]))
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name if _HOST.fullmatch(name) else None


def is_loopback_address(text: str) -> bool:
    """Whether it is an address by which only the machine itself is reached, and no name.

    An IPv4 address in IPv6's form counts as what it is (RFC 4291, 2.5.5.2): so a client's
    is written where a server listens for both.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_loopback or bool(
        address.version == 6  # noqa: PLR2004 only these have such a form
        and address.ipv4_mapped is not None
        and address.ipv4_mapped.is_loopback
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a server can be told; the defaults are those of `oxen-mock serve`.

    Attributes:
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        prefix: the path under which everything is served, "" or "/like/this".
        specs: documents that replace the bundled ones, each with its label and text.
        fixtures: folders that add to the bundled fixtures, overriding by name.
        tokens: the tokens that are accepted; none means any.
        speed: virtual seconds per real second; 0 is frozen, None as the restored snapshot
            has it, else 1.
        epoch: the virtual instant of the start; None is the real now.
        seed: what ids are drawn from; None draws one.
        mood: the mood in which every answer is drawn; None means that none is.
        assume: assumptions by name, see `oxen-mock spec`.
        max_body: bytes of the largest body that is taken.
        quiet: whether requests are not logged.
        control_token: the token that the control API asks for; None means it asks for none.
        open_control: whether whoever reaches the server may steer it without a token.
        allowed_hosts: names by which clients may call it beside those of loopback.
        control_origins: origins of pages that may use the control API.
        require_sandbox: whether a request must name the sandbox that it means.
        restore: the file of a snapshot to start from.
        url_file: where `oxen-mock serve` writes its URL once it takes connections.
    """

    host: str = "127.0.0.1"
    port: int = 4010
    prefix: str = ""
    specs: tuple[tuple[str, str], ...] = ()
    fixtures: tuple[Path, ...] = ()
    tokens: tuple[str, ...] = field(default=(), repr=False)
    speed: float | None = None
    epoch: datetime | None = None
    seed: str | None = None
    mood: Mood | None = None
    assume: Mapping[str, object] = field(default_factory=dict)
    max_body: int = 10_000_000
    quiet: bool = False
    control_token: str | None = field(default=None, repr=False)
    open_control: bool = False
    allowed_hosts: tuple[str, ...] = ()
    control_origins: tuple[str, ...] = ()
    require_sandbox: bool = False
    restore: Path | None = None
    url_file: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what no server can run with, all of it at once."""
        flaws: list[Violation] = []

        def expect(holds: bool, name: str, expected: str, found: str | None = None) -> None:
            if not holds:
                shown = found or _SECRET.get(name) or shortened(str(getattr(self, name)))
                flaws.append(Violation(name, expected, shown, Kind.SOURCE))

        expect(0 <= self.port <= _LARGEST_PORT, "port", f"0 to {_LARGEST_PORT}")
        expect(0 <= self.rate <= FASTEST, "speed", f"0 to {FASTEST:.0f}")
        expect(0 < self.max_body <= LARGEST_BODY, "max_body", f"1 to {LARGEST_BODY} bytes")
        clean = not self.prefix or (self.prefix.startswith("/") and not self.prefix.endswith("/"))
        expect(clean and "//" not in self.prefix, "prefix", "nothing, or a path as in /mock")
        whole = all(_is_whole(token) for token in self.tokens)
        expect(whole, "tokens", "tokens that are neither empty nor hold white space")
        secret = self.control_token
        whole = secret is None or (_is_whole(secret) and not secret.startswith(TOKEN))
        expected = f"a token that is neither empty nor holds white space, and no {TOKEN}NAME"
        expect(whole, "control_token", expected)
        either = secret is None or not self.open_control
        expect(either, "open_control", "it or control_token", "both")
        self._settle("allowed_hosts", host_name, "names as in box.local, without a port", expect)
        origins = "origins as in http://localhost:5173, with nothing after them"
        self._settle("control_origins", _origin, origins, expect)
        if self.epoch is not None and self.epoch.tzinfo is None:
            expect(False, "epoch", "an instant with its offset")  # noqa: FBT003 because it reads as a verdict
        elif self.epoch is not None:
            expect(EARLIEST <= self.epoch <= LATEST, "epoch", f"{EARLIEST:%Y} to {LATEST:%Y}")
            object.__setattr__(self, "epoch", self.epoch.astimezone(UTC))
        assume, wrong = read_assumptions(ASSUMPTIONS, self.assume, "assume")
        object.__setattr__(self, "assume", assume)  # as values, whatever texts stood for them
        if flaws or wrong:
            raise BadSettingsError("the settings make no sense", [*flaws, *wrong])

    @property
    def rate(self) -> float:
        """Virtual seconds per real second where no snapshot says otherwise."""
        return 1.0 if self.speed is None else self.speed

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server; of names that is sure of localhost."""
        return self.host.lower() == "localhost" or is_loopback_address(self.host)

    def _settle(
        self,
        name: str,
        settle: Callable[[str], str | None],
        expected: str,
        expect: Callable[[bool, str, str, str], None],
    ) -> None:
        """Keep these texts in the one form in which they are compared."""
        settled = {text: settle(text) for text in getattr(self, name)}
        wrong = [repr(text)[:80] for text, form in settled.items() if form is None]
        expect(not wrong, name, expected, ", ".join(wrong[:3]))
        object.__setattr__(self, name, tuple(form for form in settled.values() if form))


def _is_whole(token: str) -> bool:
    return token.split() == [token]


def _origin(text: str) -> str | None:
    """An origin as a browser writes it (RFC 6454, 6.2), without the port that its scheme has."""
    parts = _ORIGIN.fullmatch(text.lower())
    if parts is None or host_name(parts[2]) is None:
        return None
    if int(parts[3][1:] or 0) > _LARGEST_PORT:
        return None
    port = "" if parts[3] == _DEFAULT_PORTS.get(parts[1]) else parts[3]
    return f"{parts[1]}://{parts[2]}{port}"


def _refuse_enormous(value: object) -> None:
    """Refuse integers that Python does not write, as TOML may have them in hexadecimal."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise ValueError("a number that has a use")


def _texts(value: object) -> tuple[str, ...]:
    """Several texts: a list in the file, separated by commas in the environment."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("a list of texts")


def _whole(value: object) -> int:
    try:
        if isinstance(value, (int, str)) and not isinstance(value, bool):
            return int(value)
    except ValueError:
        pass
    raise ValueError("a whole number")


def _number(value: object) -> float:
    try:
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            return float(value)
    except (ValueError, OverflowError):
        pass
    raise ValueError("a number")


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false", "1", "0", ""}:
        return value.lower() in {"true", "1"}
    raise ValueError("true or false")


def _text(value: object) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    raise ValueError("a text")


def _mood(value: object) -> Mood:
    if isinstance(value, str) and value.lower() in MOODS:
        return Mood(value.lower())
    raise ValueError(f"one of {', '.join(MOODS)}")


def _path(value: object) -> Path:
    if isinstance(value, (str, Path)) and str(value):
        return Path(value)
    raise ValueError("the path of a file")


def _instant(value: object) -> datetime:
    """An instant; a text without an offset is read as UTC."""
    try:
        told = str(value) if isinstance(value, date) else _text(value)
        instant = datetime.fromisoformat(told)
        return (
            instant.astimezone(UTC) if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
        )
    except (ValueError, OverflowError):
        raise ValueError("an instant as in 2026-01-31T12:00:00Z") from None


_READERS: Mapping[str, Callable[[object], object]] = {
    "host": _text,
    "port": _whole,
    "prefix": _text,
    "specs": _texts,
    "fixtures": _texts,
    "tokens": _texts,
    "speed": _number,
    "epoch": _instant,
    "seed": _text,
    "mood": _mood,
    "max_body": _whole,
    "quiet": _switch,
    "control_token": _text,
    "open_control": _switch,
    "allowed_hosts": _texts,
    "control_origins": _texts,
    "require_sandbox": _switch,
    "restore": _path,
    "url_file": _path,
}


def find_file(start: Path) -> Path | None:
    """The nearest `oxen-mock.toml`, from this folder upwards."""
    return next((f / FILE for f in (start, *start.parents) if (f / FILE).is_file()), None)


def load_settings(
    start: Path,
    environ: Mapping[str, str],
    flags: Mapping[str, object],
    read_spec: Callable[[str], str],
) -> Settings:
    """Settings of the file found upwards from `start`, the environment, and these flags.

    `flags` holds what was given on the command line by the names of `Settings`, and
    `assume`, a mapping; `read_spec` gives the text of a document by its path or `-`.

    Raises:
        BadSettingsError: everything that is wrong with any of the three.
    """
    given = _Given()
    path = find_file(start)
    if path is not None:
        given.take_file(path)
    given.take_environment(environ)
    given.take_flags(flags)
    specs = given.read_specs(read_spec)
    values = given.values
    if "fixtures" in values:
        values["fixtures"] = tuple(Path(folder) for folder in values["fixtures"])
    try:
        settings = Settings(specs=specs, assume=given.assume, **values)
    except BadSettingsError as error:
        given.flaws += [
            replace(flaw, place=given.places.get(flaw.place, flaw.place)) for flaw in error.flaws
        ]
    if given.flaws:
        raise BadSettingsError("the settings make no sense", given.flaws)
    return settings


@dataclass(slots=True)
class _Given:
    """What has been gathered so far; what comes later beats what came before."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    assume: dict[str, object] = field(default_factory=dict)
    flaws: list[Violation] = field(default_factory=list)

    def take_file(self, path: Path) -> None:
        import tomllib  # noqa: PLC0415 because most servers have no such file

        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (ValueError, RecursionError, OSError) as error:  # TOML's own is a ValueError
            reason = str(error)[:_LONGEST_REASON]
            self.flaws.append(Violation(str(path), "TOML", reason, Kind.SOURCE))
            return
        for key, raw in table.items():
            if key == "assume" and isinstance(raw, dict):
                self._assume(raw, f"{path} [assume]")
            elif key == "assume":
                expected, found = "a table [assume]", represented(raw)
                self.flaws.append(Violation(f"{path} assume", expected, found, Kind.SOURCE))
            elif key in {"specs", "fixtures"} and isinstance(raw, list | str):
                listed = [raw] if isinstance(raw, str) else raw
                beside = [str(path.parent / p) if isinstance(p, str) else p for p in listed]
                self._take(key, beside, f"{path} {key}")
            elif key in {"restore", "url_file"} and isinstance(raw, str) and raw:
                self._take(key, str(path.parent / raw), f"{path} {key}")
            else:
                self._take(key, raw, f"{path} {key}")

    def take_environment(self, environ: Mapping[str, str]) -> None:
        if "SCRIPT_NAME" in environ:  # by which WSGI servers are told the same
            self._take("prefix", environ["SCRIPT_NAME"].rstrip("/"), "SCRIPT_NAME")
        names = {assumption.name for assumption in ASSUMPTIONS}
        for variable, text in environ.items():
            if variable.startswith(PREFIX) and variable not in _OTHERS:
                key = variable.removeprefix(PREFIX).lower()
                if key in names:
                    self._assume({key: text}, variable)
                else:
                    self._take(key, text, variable)

    def take_flags(self, flags: Mapping[str, object]) -> None:
        for key, given in flags.items():
            if key == "assume" and isinstance(given, dict):
                self._assume(given, "--assume")
            else:
                self._take(key, given, _FLAGS.get(key) or f"--{key.replace('_', '-')}")

    def read_specs(self, read_spec: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
        specs = []
        for label in self.values.pop("specs", ()):
            try:
                specs.append((label, read_spec(label)))
            except UnicodeDecodeError:
                self._unreadable(label, "bytes that are not UTF-8")
            except (OSError, ValueError) as error:  # the latter for what can be no path
                self._unreadable(label, getattr(error, "strerror", None) or str(error))
        return tuple(specs)

    def _unreadable(self, label: str, reason: str) -> None:
        place = f"--spec {shortened(label)}"
        self.flaws.append(Violation(place, "a readable file", reason, Kind.SOURCE))

    def _assume(self, given: Mapping[str, object], place: str) -> None:
        known, wrong = read_assumptions(ASSUMPTIONS, given, place)
        self.assume |= known
        self.flaws += wrong

    def _take(self, key: str, raw: object, place: str) -> None:
        if key in _READERS:
            try:
                _refuse_enormous(raw)
                self.values[key] = _READERS[key](raw)
                self.places[key] = place
            except ValueError as error:
                found = _SECRET.get(key) or represented(raw)
                self.flaws.append(Violation(place, str(error), found, Kind.SOURCE))
            return
        known = [*_READERS, *(assumption.name for assumption in ASSUMPTIONS)]
        near = difflib.get_close_matches(key, known, n=1)
        advice = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        if near and near[0] not in _READERS:
            advice = f"{near[0]} is an assumption: it belongs under [assume]"
        found = shortened(key)
        where = place.replace(key, found) if found else place
        self.flaws.append(
            Violation(where, "the name of a setting", found or "nothing", Kind.SOURCE, advice)
        )
