"""Golden texts: what a view showed once and shall show again."""

import os
from pathlib import Path

ACCEPT = os.environ.get("META_PREFECT_ACCEPT") == "1"


def check_golden(path: Path, text: str) -> None:
    """Compare with the stored text; META_PREFECT_ACCEPT=1 stores it instead."""
    text = text.rstrip("\n") + "\n"
    if ACCEPT:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    expected = path.read_text("utf-8") if path.exists() else "(no golden yet)"
    assert text == expected, f"{path.name} differs; META_PREFECT_ACCEPT=1 accepts it:\n{text}"
