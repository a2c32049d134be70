import pytest

from calendars.models import MeetingHost
from calendars.services.copies import copy_in_words


@pytest.mark.parametrize(
    ("copy", "problem", "words", "needs_attention"),
    [
        ("written", "", ("ok", "on iCloud"), False),
        ("waiting", "", ("busy", "waiting to be written to iCloud"), False),
        ("waiting", "paused", ("busy", "waiting to be written to iCloud: paused"), False),
        ("refused", "read-only", ("error", "not on iCloud: read-only"), True),
        ("refused", "", ("error", "not on iCloud: refused"), True),
        ("deleted", "", ("warn", "deleted in iCloud"), True),
        ("changed", "", ("warn", "changed in iCloud"), True),
        ("removed", "", ("muted", "removed from iCloud"), False),
        ("none", "", ("muted", "no linked calendar"), False),
    ],
)
def test_a_copy_that_should_stand_is_told_in_words(
    copy: str, problem: str, words: tuple[str, str], *, needs_attention: bool
) -> None:
    told = copy_in_words(MeetingHost(copy=copy, copy_problem=problem))

    assert (told.kind, told.text) == words
    assert told.needs_attention == needs_attention
    assert bool(told.advice) == (copy in {"refused", "deleted", "changed", "none"})


@pytest.mark.parametrize(
    ("copy", "problem", "words"),
    [
        ("written", "", ("ok", "on iCloud")),
        ("waiting", "", ("busy", "waiting to be removed from iCloud")),
        ("refused", "read-only", ("error", "still on iCloud: read-only")),
        ("refused", "", ("error", "still on iCloud")),
        ("deleted", "", ("muted", "removed from iCloud")),
        ("changed", "", ("muted", "removed from iCloud")),
        ("removed", "", ("muted", "removed from iCloud")),
        ("none", "", ("muted", "no linked calendar")),
    ],
)
def test_a_copy_that_should_go_is_told_differently(
    copy: str, problem: str, words: tuple[str, str]
) -> None:
    told = copy_in_words(MeetingHost(copy=copy, copy_problem=problem), is_wanted=False)

    assert (told.kind, told.text) == words
