import asyncio

import pytest

from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.state.journal import JournalWriter, read_lines, render_line
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.failing_system import StickySystem

DOCUMENTS = [{"a": 1}, {"b": 'x"}\n"crc":"'}, {"c": {"d": [None, "é\u2028"]}}]
HEADER = render_line({"header": True})


class CountingDisk(Disk):
    """A disk that counts syncs and can be full for the first few."""

    def __init__(self, failures=0):
        super().__init__()
        self.appends = 0
        self._failures = failures

    def append(self, path, data):
        self.appends += 1
        if self.appends <= self._failures:
            raise MetaPrefectError("MP4106", "full")
        super().append(path, data)


def write_journal(documents):
    return "".join(map(render_line, documents)).encode()


def test_lines_are_read_back():
    """Every document comes back, whatever is in it."""
    assert list(read_lines(write_journal(DOCUMENTS))) == DOCUMENTS


def test_torn_tail_is_as_if_not_written():
    """However many bytes of the end are missing, the whole lines before it are read."""
    data = write_journal(DOCUMENTS)
    ends = [len(write_journal(DOCUMENTS[:count])) for count in range(4)]

    for length in range(len(data) + 1):
        whole = max(count for count, end in enumerate(ends) if end <= length)
        assert list(read_lines(data[:length])) == DOCUMENTS[:whole]


def test_nothing_is_read_after_a_damaged_line():
    """A line with one changed byte ends the journal, even if later ones are whole."""
    data = write_journal(DOCUMENTS).replace(b'"b"', b'"B"')

    assert list(read_lines(data)) == DOCUMENTS[:1]


def test_steps_that_wait_together_share_a_sync(tmp_path):
    """Lines of many steps are written in their order with fewer syncs than steps."""
    disk = CountingDisk()
    writer = JournalWriter(tmp_path / "j", disk, lambda: HEADER)
    documents = [{"n": number} for number in range(50)]

    async def write_all():
        await asyncio.gather(*[writer.append([render_line(item)]) for item in documents])

    asyncio.run(write_all())

    assert list(read_lines((tmp_path / "j").read_bytes())) == [{"header": True}, *documents]
    assert disk.appends <= 2


def test_failed_lines_are_written_with_the_next(tmp_path):
    """What did not fit on the disk is told to who waits, and kept for the next attempt."""
    disk = CountingDisk(failures=1)
    writer = JournalWriter(tmp_path / "j", disk, lambda: HEADER)

    async def write_twice():
        with pytest.raises(MetaPrefectError):
            await writer.append([render_line({"n": 1})])
        await writer.append([render_line({"n": 2})])

    asyncio.run(write_twice())

    assert list(read_lines((tmp_path / "j").read_bytes())) == [{"header": True}, {"n": 1}, {"n": 2}]


def test_cancelled_step_does_not_take_others_lines_along(tmp_path):
    """A step that stops waiting for its line leaves the line and its neighbours to be written."""
    writer = JournalWriter(tmp_path / "j", Disk(), lambda: HEADER)

    async def cancel_first():
        first = asyncio.create_task(writer.append([render_line({"n": 1})]))
        second = asyncio.create_task(writer.append([render_line({"n": 2})]))
        await asyncio.sleep(0)
        first.cancel()
        await second
        return first.cancelled()

    assert asyncio.run(cancel_first())
    assert len(list(read_lines((tmp_path / "j").read_bytes()))) == 3


def test_half_a_line_that_could_not_be_taken_back_is_cut_off(tmp_path):
    """What a failed append has left behind is never in the way of later lines."""
    writer = JournalWriter(tmp_path / "j", Disk(StickySystem(4, calls=1)), lambda: HEADER)

    async def write_all():
        await writer.append([render_line({"n": 1})])
        with pytest.raises(MetaPrefectError):
            await writer.append([render_line({"n": 2})])
        torn = (tmp_path / "j").read_bytes()
        await writer.append([render_line({"n": 3})])
        return torn

    torn = asyncio.run(write_all())

    assert not torn.endswith(b"\n")
    assert [item.get("n") for item in read_lines((tmp_path / "j").read_bytes())] == [None, 1, 2, 3]


def test_journal_that_was_taken_away_is_not_begun_again(tmp_path):
    """Who finds its journal gone stops, and says that somebody finished its work."""
    writer = JournalWriter(tmp_path / "j", Disk(), lambda: HEADER)

    async def write_twice():
        await writer.append([render_line({"n": 1})])
        (tmp_path / "j").unlink()
        await writer.append([render_line({"n": 2})])

    with pytest.raises(MetaPrefectError) as found:
        asyncio.run(write_twice())

    assert found.value.diagnostic.code == "MP4119"
    assert not (tmp_path / "j").exists()


def test_journal_is_held_until_it_is_closed(tmp_path):
    """Others can see that a journal is being written."""
    disk = Disk()
    writer = JournalWriter(tmp_path / "j", disk, lambda: HEADER)
    asyncio.run(writer.append([render_line({"n": 1})]))
    during = disk.is_held(tmp_path / "j")
    writer.close()

    assert during
    assert not disk.is_held(tmp_path / "j")
