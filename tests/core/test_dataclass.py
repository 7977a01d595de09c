"""Our dataclasses are those of the standard library in everything but when they are made."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import types
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, field
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.dataclass import dataclass as ours
from mockserver.core.errors import MockserverError

VALUES = st.one_of(st.integers(-2, 2), st.sampled_from(["", "a"]), st.none(), st.just(1.0))
WAYS = st.fixed_dictionaries(
    {"frozen": st.booleans(), "slots": st.booleans(), "eq": st.sampled_from([True, True, False])}
)
SHAPES = st.lists(
    st.tuples(
        st.sampled_from(["given", "default", "made", "unasked", "unasked made"]),
        st.booleans(),  # whether it is told
        st.booleans(),  # whether it is compared
    ),
    max_size=5,
).map(lambda listed: sorted(listed, key=lambda one: one[0] != "given"))


def class_of(shape: list[tuple[str, bool, bool]], *, has_post_init: bool) -> type:
    """A class with such fields, which no decorator has seen yet."""
    namespace: dict[str, Any] = {"__annotations__": {}, "__doc__": "Any."}
    for number, (kind, repr_, compare) in enumerate(shape):
        told: dict[str, Any] = {"repr": repr_, "compare": compare, "init": "unasked" not in kind}
        if "made" in kind:
            told["default_factory"] = list
        elif kind != "given":
            told["default"] = number
        namespace["__annotations__"][f"f{number}"] = "object"
        namespace[f"f{number}"] = field(**told)
    if has_post_init and shape:

        def settle(self: Any) -> None:  # noqa: ANN401 whatever was made
            object.__setattr__(self, "f0", (self.f0,))

        namespace["__post_init__"] = settle
    return types.new_class("Any", (), exec_body=lambda ns: ns.update(namespace))


def outcome(do: Any, *given_: object, **named: object) -> object:  # noqa: ANN401 anything
    """What comes of it, an error by its kind."""
    try:
        return do(*given_, **named)
    except (TypeError, AttributeError) as error:  # a frozen one's is of the latter kind
        return type(error)


def changes(one: Any, name: str) -> list[object]:  # noqa: ANN401 whatever was made
    """What comes of changing an instance."""
    found = [outcome(setattr, one, name, 1), outcome(repr, one), outcome(delattr, one, name)]
    # Of what is no field the standard library stumbles over the class as it was without slots.
    return found if name in one.__match_args__ else [isinstance(found[0], type)]


@given(SHAPES, WAYS, st.booleans(), st.data())
def test_what_can_be_done_with_an_instance_is_the_same(
    shape: list[tuple[str, bool, bool]],
    ways: dict[str, bool],
    has_post_init: bool,
    data: Any,  # noqa: ANN401 what draws
) -> None:
    kinds: list[Any] = [
        make(**ways)(class_of(shape, has_post_init=has_post_init))
        for make in (dataclasses.dataclass, ours)
    ]
    asked = data.draw(st.lists(VALUES, max_size=6))
    others = data.draw(st.lists(VALUES, max_size=6))
    named = data.draw(st.dictionaries(st.sampled_from(["f0", "f1", "f4", "g"]), VALUES, max_size=2))
    told = []
    for kind in kinds:
        one, other = outcome(kind, *asked), outcome(kind, *others, **named)
        found: list[object] = [type(one) is kind, type(other) is kind]
        if isinstance(one, kind):
            found += [repr(one), one == copy.copy(one), one == other, one != other, one == 7]
            found += [outcome(hash, one)] if ways["eq"] else []
            found += [change for name in ("f0", "g") for change in changes(one, name)]
        if isinstance(other, kind):
            found += [repr(outcome(dataclasses.replace, other, **named))]
            found += [outcome(dataclasses.astuple, other), kind.__match_args__]
        told.append(found)
    assert told[0] == told[1]


@given(SHAPES, WAYS)
def test_what_its_class_says_of_itself_is_the_same(
    shape: list[tuple[str, bool, bool]], ways: dict[str, bool]
) -> None:
    standard: Any = dataclasses.dataclass(**ways)(class_of(shape, has_post_init=False))
    own: Any = ours(**ways)(class_of(shape, has_post_init=False))
    assert [*map(repr, dataclasses.fields(own))] == [*map(repr, dataclasses.fields(standard))]
    assert getattr(own, "__slots__", ()) == getattr(standard, "__slots__", ())
    assert (own.__hash__ is None) == (standard.__hash__ is None)
    assert own.__doc__ == standard.__doc__


@ours(frozen=True, slots=True)
class Spoken:
    """One that says some things itself."""

    name: str
    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name:
            raise MockserverError("a name: expected one, found none")

    def __repr__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spoken) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


def test_what_a_class_says_itself_stays() -> None:
    one = Spoken("a", ("b",))
    assert (repr(one), one == Spoken("a"), hash(one)) == ("a", True, hash("a"))
    with pytest.raises(MockserverError):
        Spoken("")
    with pytest.raises(FrozenInstanceError, match="name"):
        one.name = "b"  # type: ignore[misc]  # because that is what is tried


def test_one_that_is_frozen_can_be_copied_and_sent_to_another_process() -> None:
    one = Spoken("a", ("b",))
    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):  # noqa: S301 it is our own
        assert (again.name, again.parts) == ("a", ("b",))


def test_a_circle_of_them_can_be_told() -> None:
    @ours(slots=True)
    class Link:
        """Leads on."""

        to: object = None

    link = Link()
    link.to = link
    assert repr(link).endswith("Link(to=...)")


def test_threads_may_make_the_first_instances_at_once() -> None:
    for _ in range(50):

        @ours(frozen=True, slots=True)
        class Fresh:
            """Made for the first time."""

            value: int

        start = Barrier(4)

        def make(number: int, start: Barrier = start, fresh: type[Fresh] = Fresh) -> int:
            start.wait()
            return fresh(number).value

        with ThreadPoolExecutor(4) as threads:
            assert [*threads.map(make, range(4))] == [0, 1, 2, 3]
