"""JSON texts read strictly (RFC 8259), with a reason in a few words where they are none.

msgspec reads and writes the most of them, in a fraction of the time that the standard library
takes. It reads what is right into the very values that Python reads, long integers among them;
whatever it does not read is read again by the standard library, which knows why it is wrong.
"""

from __future__ import annotations

import json
import math

import msgspec

_read_quickly = msgspec.json.Decoder().decode
_write_quickly = msgspec.json.Encoder().encode


class NotJsonError(ValueError):
    """Bytes that are not JSON; the text says where and why, in a few words.

    Attributes:
        position: the character at which reading stopped, or None where there are no characters.
        reason: what a decoder says, without the place.
    """

    def __init__(self, text: str, reason: str = "", position: int | None = 0) -> None:
        """Keep the facts beside the text."""
        super().__init__(text)
        self.position = position
        self.reason = reason or text


def read_json(raw: bytes) -> object:
    """The value of a JSON text (RFC 8259), strictly.

    Raises:
        NotJsonError: not UTF-8, not JSON, nested too deep, NaN or infinite, half a surrogate
            pair, or an integer longer than Python converts.
    """
    try:
        value: object = _read_quickly(raw)
    except (msgspec.MsgspecError, RecursionError):
        value = _read_at_length(raw)
    return value


def _read_at_length(raw: bytes) -> object:
    value = read_json_of_utf16(raw)
    if b"\\ud" in raw or b"\\uD" in raw:
        _refuse_half_surrogates(value)
    return value


def read_json_of_utf16(raw: bytes) -> object:
    """The same, with halves of surrogate pairs let through, which browsers' own texts may hold.

    Raises:
        NotJsonError: as above, but for those.
    """
    try:
        value: object = json.loads(
            raw.decode(), parse_constant=_refuse_constant, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        told = f"a byte at {error.start} that is not UTF-8"
        raise NotJsonError(told, position=None) from None
    except json.JSONDecodeError as error:
        reason = (error.msg[:1].lower() + error.msg[1:]).removesuffix(" at")
        where = f"line {error.lineno} column {error.colno}"
        told = f"text that is no JSON: {reason} at {where}"
        raise NotJsonError(told, error.msg, error.pos) from None

    except RecursionError:
        raise NotJsonError("a nesting too deep to follow") from None
    except NotJsonError:
        raise
    except ValueError:
        raise NotJsonError("an integer of more than 4,300 digits") from None
    return value


def write_json(value: object) -> bytes:
    """The JSON text of a value, in UTF-8 and without white space.

    Raises:
        UnicodeEncodeError: half of a surrogate pair.
        TypeError: nothing that JSON can tell.
    """
    return _write_quickly(value)


def _refuse_constant(name: str) -> object:
    raise NotJsonError(f"{name}, which JSON does not have")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise NotJsonError("a number too large for any reader")
    return number


def _refuse_half_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotJsonError("half of a surrogate pair, which is no character") from None
    except RecursionError:
        raise NotJsonError("a nesting too deep to follow") from None
