"""JUnit XML: any text arrives whole, but for what no XML can hold."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from mockserver.telling.junit import Case, junit

ANY_TEXT = st.text()
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]))


@given(PLAIN, PLAIN, PLAIN)
def test_names_failures_and_output_arrive_as_they_were(name: str, wrong: str, told: str) -> None:
    case = Case(name, "suite", (f"x{wrong}",), f"x{told}")
    [suite] = ET.fromstring(junit("all", [case]).encode())  # noqa: S314 our own
    [found] = suite
    assert found.get("name") == name
    assert found.findtext("failure") == f"x{wrong}"
    assert found.find("failure").get("message") == f"x{wrong}"  # type: ignore[union-attr]
    assert found.findtext("system-out") == f"x{told}"


@given(ANY_TEXT)
def test_no_text_breaks_the_document(text: str) -> None:
    made = junit(text, [Case(text, text, (text,), text)], {text: text}, text)
    made = made.encode(errors="strict").decode()
    [suite] = ET.fromstring(made.encode())  # noqa: S314 the same
    assert suite.get("failures") == "1"


def test_a_suite_counts_its_cases_and_tells_its_facts() -> None:
    cases = [Case("a", "x", seconds=0.25), Case("b", "x", ("wrong", "also wrong"), seconds=0.5)]
    [suite] = ET.fromstring(junit("contract", cases, {"seed": "7"}).encode())  # noqa: S314 the same
    assert suite.attrib == {
        "name": "contract", "tests": "2", "failures": "1", "errors": "0", "skipped": "0",
        "time": "0.750",
    }  # fmt: skip
    assert suite.find("properties/property").attrib == {"name": "seed", "value": "7"}  # type: ignore[union-attr]
    assert [case.findtext("failure") for case in suite.findall("testcase")] == [
        None,
        "wrong\nalso wrong",
    ]
