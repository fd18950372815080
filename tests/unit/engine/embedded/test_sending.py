"""What providers are sent of values."""

from meta_prefect.engine.embedded.sending import drop_contents
from meta_prefect.interfaces.values import Archive, Asset, Secret
from meta_prefect.interfaces.wire import decode, encode


def test_comparing_takes_hashes_alone():
    """Of assets and archives, at any depth, the hash is left; without one, the content."""
    values = {
        "text": Asset(text="a", hash="1"),
        "deep": [{"secret": Secret(Archive({"in": Asset(text="a")}, hash="2"))}],
        "unknown": Asset(text="b"),
    }

    dropped = drop_contents(values)

    assert dropped == {
        "text": Asset(hash="1"),
        "deep": [{"secret": Secret(Archive(hash="2"))}],
        "unknown": Asset(text="b"),
    }


def test_empty_archive_is_not_one_without_contents():
    """An archive of nothing says so on the wire; once its contents are left out it does not."""
    empty = Archive({}, hash="3")

    (left,) = drop_contents({"archive": empty}).values()

    assert encode(empty)["assets"] == {}
    assert "assets" not in encode(left)
    assert [decode(encode(item)) for item in (empty, left)] == [empty, left]
