"""What holds of every property path."""

from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.engine.paths import ANY, build_path, covers, parse_path, restore
from meta_prefect.interfaces.values import without_secrets
from tests.support.state import property_maps, texts

keys = st.one_of(st.just("*"), st.text('ab.[]"*\\ ', max_size=4), texts)
parts = st.lists(st.one_of(keys, st.integers(0, 3)), min_size=1, max_size=4).map(tuple)


@given(parts)
def test_path_is_read_as_what_was_written(path):
    """Whatever its keys are made of, a path comes back."""
    assert parse_path(build_path(path)) == path


@given(st.text('ab.[]"*\\0', max_size=8))
def test_text_is_a_path_or_refused(text):
    """Any text is a path of keys, indices and wildcards, or an error."""
    try:
        path = parse_path(text)
    except ValueError:
        return
    assert all(part is ANY or isinstance(part, str | int) for part in path)


@given(parts, parts)
def test_path_covers_what_is_under_it(path, rest):
    """A path covers itself and all that begins with it; so does one with wildcards."""
    anything = (ANY,) * len(path)

    assert covers(path, path)
    assert covers(path, (*path, *rest))
    assert covers(anything, (*path, *rest))
    assert not covers((*path, *rest), path)


@given(property_maps, property_maps)
def test_ignoring_everything_gives_the_old_values(olds, news):
    """With `*` nothing of the new values is left."""
    restored, failed = restore(("*",), olds, news)

    assert without_secrets(restored) == without_secrets(olds)
    assert failed == ()


@given(property_maps, property_maps, st.lists(parts.map(build_path), max_size=3))
def test_restoring_twice_changes_nothing_more(olds, news, paths):
    """Values that were put back stay so, and what was given is left alone."""
    before = repr((olds, news))
    once, failed = restore(tuple(paths), olds, news)
    twice, failed_again = restore(tuple(paths), olds, once)

    assert twice == once
    assert set(failed_again) <= set(failed)
    assert repr((olds, news)) == before


@given(property_maps, st.lists(st.text('ab.[]"*\\0', max_size=6), max_size=3))
def test_equal_values_stay_equal(values, paths):
    """Where nothing changed, nothing is put back, and no path is complained of in vain."""
    restored, _ = restore(tuple(paths), values, values)

    assert restored == values
