"""The wheel: what lies in it, and that it serves where there is no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from served import SEED_PATH, Served, clean_environment

import mockserver
from mockserver.bundled import bundled

CHECKOUT = Path(__file__).parents[1]
FOLDERS = ("fixtures", "spec")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)]
    subprocess.run([sys.executable, *build], capture_output=True, timeout=120, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts' folder of an environment that has this wheel, away from the checkout.

    What the wheel depends on comes from the environment of the tests, by a path at the end
    of the new one's: no network is asked, and the .pth of an editable checkout is not read.
    """
    folder = tmp_path_factory.mktemp("installed") / "env"
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    install = ["-m", "pip", "install", "--no-deps", "--no-index", "--quiet", str(wheel)]
    subprocess.run(
        [scripts / "python", *install],
        cwd=folder,
        env=clean_environment(PIP_DISABLE_PIP_VERSION_CHECK="1"),
        capture_output=True,
        timeout=120,
        check=True,
    )
    (site,) = folder.rglob("site-packages")
    lines = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "dependencies.pth").write_text("\n".join(sorted(lines)), "utf-8")
    return scripts


def test_nothing_but_the_package_and_its_metadata_lies_at_the_top(names: list[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"mockserver", f"oxen_mockserver-{mockserver.__version__}.dist-info"}


def test_every_module_and_the_marker_of_types_are_in_it(names: list[str]) -> None:
    package = CHECKOUT / "mockserver"
    expected = {path.relative_to(CHECKOUT).as_posix() for path in package.rglob("*.py")}
    assert expected | {"mockserver/py.typed"} <= {*names}


@pytest.mark.parametrize("folder", FOLDERS)
def test_documents_and_fixtures_lie_under_bundled(folder: str, names: list[str]) -> None:
    top = CHECKOUT / folder
    expected = {
        f"mockserver/_bundled/{path.relative_to(CHECKOUT).as_posix()}"
        for path in top.rglob("*")
        if path.suffix in {".yaml", ".json"}
    }
    assert expected
    assert expected == {name for name in names if name.startswith(f"mockserver/_bundled/{folder}/")}


def test_no_test_and_no_cache_is_in_it(names: list[str]) -> None:
    assert not [name for name in names if "__pycache__" in name or "/test_" in name]


def test_the_licence_and_both_commands_are_in_it(wheel: Path) -> None:
    about = f"oxen_mockserver-{mockserver.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        commands = archive.read(f"{about}/entry_points.txt").decode()
        assert archive.read(f"{about}/licenses/LICENSE") == (CHECKOUT / "LICENSE").read_bytes()
    assert "oxen-mock = mockserver.cli:main" in commands
    assert "oxen-mockserver = mockserver.cli:main" in commands


def test_an_installed_wheel_serves_the_seed_away_from_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    program = (
        "import mockserver; from mockserver.bundled import bundled;"
        "print(mockserver.__file__, bundled('spec'), bundled('fixtures'), sep='\\n')"
    )
    told = subprocess.run(
        [installed / "python", "-c", program],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    module, *folders = map(Path, told.stdout.splitlines())
    assert module.is_relative_to(installed.parent)
    assert folders == [module.parent / "_bundled" / folder for folder in ("spec", "fixtures")]
    command = (str(installed / "oxen-mock"),)
    with Served("--frozen", cwd=tmp_path, command=command) as served:
        answer = served.ask(SEED_PATH)
        assert (answer.status, answer.headers["x-mock-fixture"]) == (200, "happy-path")
        assert answer.json["evaluation"]["id"] == SEED_PATH.rpartition("/")[2]


@pytest.mark.skipif(
    Path(mockserver.__file__).parent != CHECKOUT / "mockserver", reason="not an editable install"
)
@pytest.mark.parametrize("folder", FOLDERS)
def test_an_editable_install_reads_the_folders_of_the_checkout(folder: str) -> None:
    assert bundled(folder) == CHECKOUT / folder
    assert any(bundled(folder).rglob("*.yaml"))
