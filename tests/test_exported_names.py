"""The public names: there, told by dir(), and nothing heavy behind `import mockserver`."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import pytest

import mockserver

PUBLIC = [
    "BadFixturesError",
    "BadSettingsError",
    "Client",
    "ControlError",
    "MockserverError",
    "Settings",
    "ThreadServer",
    "UnreadableDocumentError",
    "__version__",
    "create_app",
]


def in_a_fresh_interpreter(program: str) -> list[str]:
    """The words that a program prints."""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return told.stdout.split()


def test_the_public_names_are_these() -> None:
    assert sorted(mockserver.__all__) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_each_public_name_can_be_had_and_knows_its_own(name: str) -> None:
    value = getattr(mockserver, name)
    assert getattr(value, "__name__", name) == name


def test_a_star_import_brings_the_public_names_alone() -> None:
    program = (
        "before = {*globals()}; from mockserver import *;"
        "print(*sorted({*globals()} - before - {'before'}))"
    )
    assert in_a_fresh_interpreter(program) == PUBLIC


def test_dir_lists_the_public_names_before_any_is_imported() -> None:
    assert in_a_fresh_interpreter("import mockserver; print(*dir(mockserver))") == PUBLIC


def test_importing_the_package_imports_nothing_but_the_package() -> None:
    program = (
        "import sys; before = {*sys.modules}; import mockserver;"
        "print(*{name.partition('.')[0] for name in {*sys.modules} - before})"
    )
    imported = set(in_a_fresh_interpreter(program))
    assert imported - sys.stdlib_module_names == {"mockserver"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'creat_app'"):
        _ = mockserver.creat_app


def test_the_version_is_that_of_the_distribution() -> None:
    assert importlib.metadata.version("oxen-mockserver") == mockserver.__version__
