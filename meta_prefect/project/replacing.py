"""
Replacing: finds in a preview what would be made anew although others live in it.

Pure: from steps and what the user allowed to one diagnostic. Engines know nothing of it. Not to be
confused with `--replace`, which asks for a replacement, and is how one of these is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from meta_prefect.components.precious import PRECIOUS
from meta_prefect.engine.urn import build_matcher
from meta_prefect.interfaces.diagnostics import Diagnostic
from meta_prefect.interfaces.events import StepMetadata
from meta_prefect.project.graph import find_name

_UNKNOWN: Final = "[unknown]"  # what engines put in the place of a value that is not known yet


def refuse_replacing(
    steps: Iterable[StepMetadata], allowed: Sequence[str], words: Sequence[str]
) -> Diagnostic | None:
    """
    Say that precious things would be replaced; None: none would, or each is allowed.

    steps: those whose op is `replace`. allowed: URNs or globs of what may be. words: what the
        operation is about, as typed after `up`.
    """
    is_allowed = build_matcher(allowed)
    found = {step.urn: step for step in steps if step.type in PRECIOUS and not is_allowed(step.urn)}
    if not found:
        return None
    names = [find_name(urn) for urn in found]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    flags = [part for name in names for part in ("--replace", name)]
    return Diagnostic(
        "MP3009",
        f"{names[0]}{more} would be replaced, with all that is in it",
        where=next(iter(found)),
        why="\n".join(_explain(step) for step in found.values()),
        fixes=(
            "take the change back, or make the new one beside the old one, under another name",
            " ".join(["meta-prefect", "up", *words, *flags]),
        ),
    )


def _explain(step: StepMetadata) -> str:
    causes = [path for path, item in step.detailed_diff.items() if item.kind.replaces]
    changes = ", ".join(_say_change(step, path) for path in causes or step.keys)
    cause = changes or "something that it depends on is replaced"
    return f"{find_name(step.urn)}: {cause}; lost with it: {PRECIOUS[step.type]}"


def _say_change(step: StepMetadata, path: str) -> str:
    old, new = (view.inputs.get(path) if view else None for view in (step.old, step.new))
    if isinstance(old, str) and isinstance(new, str) and new != _UNKNOWN:
        return f"{path} changes from {old} to {new}"
    return f"{path} changes"
