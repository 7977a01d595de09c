"""`oxen-mock spec`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.flags import STDIN, read_spec, settings_of, shared
from mockserver.cli.group import FINDINGS, main, tell

if TYPE_CHECKING:
    from mockserver.settings import Settings


@main.command()
@click.argument("documents", nargs=-1, metavar="[OLD [NEW]]")
@click.option("--diff", is_flag=True, help="Say what differs between two documents, - for stdin.")
@click.option("--as-overlay", is_flag=True, help="Print the repairs as an OpenAPI Overlay.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared
def spec(
    documents: tuple[str, ...],
    diff: bool,
    as_overlay: bool,
    as_json: bool,
    **flags: Any,  # noqa: ANN401 because click hands over what it parsed
) -> None:
    """Print the operations, what was repaired in the document, and what is assumed.

    \b
    oxen-mock spec --diff hub-old.json             against the document in force
    oxen-mock spec --diff hub-old.json hub.json    ends with 1 where they differ
    oxen-mock spec --as-overlay --spec hub.json    the repairs, for its maintainers
    """  # noqa: D301 because click reads \b as: keep these lines
    from mockserver.showing import told_as_json, told_as_text  # noqa: PLC0415 because --help needs none of it

    _require_one_question(documents, flags["specs"], diff, as_overlay)
    settings = settings_of(flags)
    if diff:
        _diff(settings, documents, as_json)
    elif as_overlay:
        _tell_overlay(settings, as_json)
    elif as_json:
        tell(told_as_json(settings))
    else:
        tell("\n".join(told_as_text(settings)))


def _require_one_question(
    documents: tuple[str, ...], specs: tuple[str, ...], diff: bool, as_overlay: bool
) -> None:
    """Refuse what could be meant in two ways, and say how each is typed."""
    if diff and as_overlay:
        raise click.UsageError("--diff and --as-overlay: give one of the two")
    if documents and not diff:
        meant = " ".join(documents)
        raise click.UsageError(
            f"expected no documents without --diff, found {meant}: type oxen-mock spec --diff "
            f"{meant} to compare, or --spec {documents[0]} to look at one"
        )
    if diff and not 1 <= len(documents) <= 2:  # noqa: PLR2004 because a comparison is of two
        found = " ".join(documents) or "none"
        raise click.UsageError(
            f"--diff: expected one document or two, found {found}: type oxen-mock spec --diff OLD, "
            "or oxen-mock spec --diff OLD NEW"
        )
    if [*documents, *specs].count("-") > 1:
        raise click.UsageError("-: standard input can be read once: give one document as -")


def _diff(settings: Settings, documents: tuple[str, ...], as_json: bool) -> None:
    import json  # noqa: PLC0415 because --help needs none of it

    from mockserver.diffing import compare  # noqa: PLC0415 the same
    from mockserver.telling.differences import difference_lines  # noqa: PLC0415 the same

    labels = [STDIN if label == "-" else label for label in documents]
    told = compare(settings, labels, read_spec).as_json()
    tell(json.dumps(told, indent=2) if as_json else "\n".join(difference_lines(told)))
    if told["findings"]:
        sys.exit(FINDINGS)


def _tell_overlay(settings: Settings, as_json: bool) -> None:
    import json  # noqa: PLC0415 because --help needs none of it

    from mockserver.showing import overlay_of_repairs  # noqa: PLC0415 the same
    from mockserver.source import dump  # noqa: PLC0415 the same

    label, overlay = overlay_of_repairs(settings)
    if overlay is None:
        tell(f"{label} needs no repair: there is nothing for an overlay to do", sys.stderr)
    else:
        tell(json.dumps(overlay, indent=2) if as_json else dump(overlay).rstrip("\n"))
