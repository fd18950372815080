"""Which files changed since the last look."""

import os

from meta_prefect.project.watching import SourceWatch


def test_what_came_went_and_changed_is_named_once(tmp_path):
    """Each change is told at the next look, and no more at the one after it."""
    for name in ("stays.py", "goes.py", "changes.py"):
        (tmp_path / name).write_text("x = 1\n")
    watch = SourceWatch(tmp_path)

    (tmp_path / "goes.py").unlink()
    (tmp_path / "changes.py").write_text("x = 10\n")
    (tmp_path / "comes.py").write_text("")

    assert watch.find_changes() == ("changes.py", "comes.py", "goes.py")
    assert watch.find_changes() == ()


def test_a_new_time_is_a_change(tmp_path):
    """A text of the same length is seen by when it was written."""
    path = tmp_path / "flows.py"
    path.write_text("x = 1\n")
    watch = SourceWatch(tmp_path)

    path.write_text("x = 2\n")
    os.utime(path, ns=(0, 0))

    assert watch.find_changes() == ("flows.py",)


def test_settings_count_and_what_is_excluded_does_not(tmp_path):
    """The project's settings decide about flows, too; folders that hold none are left out."""
    (tmp_path / "old").mkdir()
    watch = SourceWatch(tmp_path, ("old",))

    (tmp_path / "pyproject.toml").write_text("[tool.meta_prefect]\n")
    (tmp_path / "old" / "flows.py").write_text("")
    (tmp_path / "notes.txt").write_text("")

    assert watch.find_changes() == ("pyproject.toml",)
