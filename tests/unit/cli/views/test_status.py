from meta_prefect.cli.views.status import Status
from tests.support.fake_project import Stream


def test_a_status_is_there_at_once_and_leaves_nothing():
    """The line is on the screen when the block begins, and wiped out when it ends."""
    stream = Stream(terminal=True)

    with Status(stream, "loading flows", 80, "|/"):
        first = stream.getvalue()

    assert first.endswith("| loading flows")
    assert stream.getvalue().endswith("\r\x1b[2K")


def test_a_long_status_stays_on_its_line():
    """A text wider than the window is cut, as a line that wraps cannot be wiped out."""
    stream = Stream(terminal=True)

    with Status(stream, "x" * 100, 20, "|"):
        pass

    assert "x" * 17 in stream.getvalue()
    assert "x" * 18 not in stream.getvalue()
