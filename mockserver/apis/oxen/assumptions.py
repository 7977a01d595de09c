"""What is assumed of the hub where nothing is documented, each with the evidence there is."""

from __future__ import annotations

from mockserver.assumptions import Assumption

ASSUMPTIONS = (
    Assumption(
        name="dialect",
        default="spec",
        choices=("spec", "legacy"),
        about="which create bodies are taken: the documented one alone, or the older one "
        "(type, model) too; the hub's guide and its one public client still send the older",
    ),
    Assumption(
        name="read_needs_token",
        default=True,
        choices=None,
        about="whether get_evaluation asks for a token; the document says so, "
        "an older page shows none",
    ),
    Assumption(
        name="malformed_id_status",
        default=404,
        choices=(404, 400),
        about="what an id that is no uuid gets; nothing is documented",
    ),
    Assumption(
        name="default_target_branch",
        default="",
        choices=None,
        about="the target_branch of a create that names none; empty means null; "
        "no default is stated",
    ),
    Assumption(
        name="default_target_path",
        default="",
        choices=None,
        about="the target_path of a create that names none; empty means null; no default is stated",
    ),
    Assumption(
        name="commit_samples",
        default=False,
        choices=None,
        about="whether a sample run with auto_commit commits; seen: sample runs end completed",
    ),
    Assumption(
        name="fractional_seconds",
        default=False,
        choices=None,
        about="whether times carry microseconds; every documented example has whole seconds",
        in_fixture=True,
    ),
)
