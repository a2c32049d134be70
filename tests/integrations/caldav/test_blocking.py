"""What blocks: the event's own words, the owner's answer, and what the reader wants."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from integrations.caldav.blocking import DEFAULT_RULES, AllDay, ReadingRules
from integrations.caldav.recurrence import expand

OWNER = frozenset({"mailto:owner@example.org", "/123/principal/", "urn:uuid:123-ABC"})
ME = "mailto:owner@example.org"
TIMED = ("DTSTART:20260105T090000Z", "DURATION:PT1H")
WHOLE_DAY = ("DTSTART;VALUE=DATE:20260105",)
UNANSWERED_IS_FREE = ReadingRules(unanswered_blocks=False)
TENTATIVE_IS_FREE = ReadingRules(tentative_blocks=False)


def spans(
    *lines: str, rules: ReadingRules = DEFAULT_RULES, owner: frozenset[str] = OWNER
) -> list[tuple[str, str, bool]]:
    """From, to, and whether it is busy, of all in January."""
    body = "\r\n".join(["BEGIN:VEVENT", "UID:a", *lines, "END:VEVENT"])
    expansion = expand(
        f"BEGIN:VCALENDAR\r\n{body}\r\nEND:VCALENDAR\r\n",
        zone=ZoneInfo("UTC"),
        start=datetime(2026, 1, 1, tzinfo=UTC),
        end=datetime(2026, 2, 1, tzinfo=UTC),
        owner=owner,
        rules=rules,
    )
    assert expansion.problems == ()
    return [
        (f"{one.starts_at:%d %H:%M}", f"{one.ends_at:%d %H:%M}", one.is_busy)
        for one in expansion.occurrences
    ]


def is_busy(*lines: str, rules: ReadingRules = DEFAULT_RULES) -> bool:
    ((_, _, busy),) = spans(*(TIMED if "DTSTART" not in lines[0] else ()), *lines, rules=rules)
    return busy


@pytest.mark.parametrize(
    ("lines", "follow", "busy", "ignore"),
    [
        (["TRANSP:OPAQUE"], True, True, False),
        (["TRANSP:TRANSPARENT"], False, True, False),
        ([], True, True, False),  # without TRANSP: ALL_DAY_WITHOUT_TRANSP_IS_BUSY
        (["X-MICROSOFT-CDO-BUSYSTATUS:FREE"], False, True, False),
        ([f"ATTENDEE;PARTSTAT=DECLINED:{ME}"], False, False, False),
    ],
)
def test_all_day_events_follow_themselves_always_block_or_never_do(
    lines: list[str], *, follow: bool, busy: bool, ignore: bool
) -> None:
    found = [
        is_busy(*WHOLE_DAY, *lines, rules=ReadingRules(all_day=wish))
        for wish in (AllDay.FOLLOW, AllDay.BUSY, AllDay.IGNORE)
    ]

    assert found == [follow, busy, ignore]


@pytest.mark.parametrize("wish", AllDay)
def test_events_with_a_time_are_not_all_day_events(wish: AllDay) -> None:
    rules = ReadingRules(all_day=wish)

    assert is_busy("TRANSP:OPAQUE", rules=rules) is True
    assert is_busy("TRANSP:TRANSPARENT", rules=rules) is False


@pytest.mark.parametrize(
    ("lines", "by_default", "where_unanswered_is_free"),
    [
        ([f"ATTENDEE;PARTSTAT=NEEDS-ACTION:{ME}"], True, False),
        ([f"ATTENDEE:{ME}"], True, False),
        ([f"ATTENDEE;PARTSTAT=X-PERHAPS:{ME}"], True, False),
        ([f"ATTENDEE;PARTSTAT=NEEDS-ACTION:{ME}", "TRANSP:OPAQUE"], True, False),
        ([f"ATTENDEE;PARTSTAT=NEEDS-ACTION:{ME}", "TRANSP:TRANSPARENT"], False, False),
        ([f"ATTENDEE;PARTSTAT=ACCEPTED:{ME}"], True, True),
        ([f"ATTENDEE;PARTSTAT=DELEGATED:{ME}"], True, True),
        ([f"ATTENDEE;PARTSTAT=TENTATIVE:{ME}"], True, True),
        ([f"ATTENDEE;PARTSTAT=DECLINED:{ME}"], False, False),
        ([f"ATTENDEE;PARTSTAT=DECLINED:{ME}", "TRANSP:OPAQUE"], False, False),
        (["ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:somebody@example.org"], True, True),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:somebody@example.org"], True, True),
        ([f"ORGANIZER:{ME}", f"ATTENDEE:{ME}"], True, True),
        ([], True, True),
    ],
)
def test_an_invitation_blocks_by_its_owners_answer(
    lines: list[str], *, by_default: bool, where_unanswered_is_free: bool
) -> None:
    assert is_busy(*TIMED, *lines) is by_default
    assert is_busy(*TIMED, *lines, rules=UNANSWERED_IS_FREE) is where_unanswered_is_free


@pytest.mark.parametrize(
    "me",
    [
        "ATTENDEE;PARTSTAT=DECLINED:MAILTO:Owner@Example.org",
        "ATTENDEE;PARTSTAT=DECLINED:/123/principal/",
        "ATTENDEE;PARTSTAT=declined:urn:uuid:123-abc",
        'ATTENDEE;PARTSTAT=DECLINED;EMAIL="owner@example.org":/elsewhere/',
    ],
)
def test_the_owner_is_known_by_each_of_their_addresses(me: str) -> None:
    assert is_busy(me) is False


def test_of_several_answers_of_one_owner_the_most_binding_counts() -> None:
    declined, accepted = (
        f"ATTENDEE;PARTSTAT=DECLINED:{ME}",
        "ATTENDEE;PARTSTAT=ACCEPTED:/123/principal/",
    )

    assert is_busy(declined, accepted) is True
    assert is_busy(accepted, declined) is True
    assert is_busy(declined, declined) is False


def test_an_account_without_an_address_is_nobody() -> None:
    lines = ("ATTENDEE;PARTSTAT=DECLINED:", "ATTENDEE;PARTSTAT=DECLINED:mailto:")

    assert spans(*TIMED, *lines, owner=frozenset({"", "mailto:"})) == [
        ("05 09:00", "05 10:00", True)
    ]


@pytest.mark.parametrize(
    ("lines", "where_tentative_is_free"),
    [
        (["STATUS:TENTATIVE"], False),
        ([f"ATTENDEE;PARTSTAT=TENTATIVE:{ME}"], False),
        (["STATUS:TENTATIVE", f"ATTENDEE;PARTSTAT=ACCEPTED:{ME}"], False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", "TRANSP:OPAQUE"], True),
        (["ATTENDEE;PARTSTAT=TENTATIVE:mailto:somebody@example.org"], True),
        (["STATUS:CONFIRMED"], True),
    ],
)
def test_what_is_tentative_blocks_unless_the_reader_wants_it_free(
    lines: list[str], *, where_tentative_is_free: bool
) -> None:
    assert is_busy(*lines) is True
    assert is_busy(*lines, rules=TENTATIVE_IS_FREE) is where_tentative_is_free


@pytest.mark.parametrize(
    ("status", "transparency", "expected"),
    [
        ("FREE", [], False),
        ("BUSY", [], True),
        ("OOF", [], True),
        ("WORKINGELSEWHERE", [], True),
        ("NONSENSE", [], True),
        ("FREE", ["TRANSP:OPAQUE"], True),
        ("BUSY", ["TRANSP:TRANSPARENT"], False),
    ],
)
def test_outlooks_word_counts_only_where_transp_is_absent(
    *, status: str, transparency: list[str], expected: bool
) -> None:
    assert is_busy(f"X-MICROSOFT-CDO-BUSYSTATUS:{status}", *transparency) is expected


def test_travel_time_blocks_before_and_after_unless_it_does_not_count() -> None:
    trip = (
        *TIMED,
        "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M",
        "X-APPLE-TRAVEL-RETURN-DURATION;VALUE=DURATION:PT15M",
    )

    assert spans(*trip) == [("05 08:30", "05 10:15", True)]
    assert spans(*trip, rules=ReadingRules(travel_counts=False)) == [("05 09:00", "05 10:00", True)]


def test_travel_to_what_is_free_is_free() -> None:
    trip = (*TIMED, "X-APPLE-TRAVEL-DURATION:PT30M", "STATUS:TENTATIVE")

    assert spans(*trip, rules=TENTATIVE_IS_FREE) == [("05 09:00", "05 10:00", False)]


def test_each_occurrence_blocks_by_its_own_answer() -> None:
    series = (
        *TIMED,
        "RRULE:FREQ=DAILY;COUNT=4",
        f"ATTENDEE;PARTSTAT=ACCEPTED:{ME}",
        *changed("06", f"ATTENDEE;PARTSTAT=DECLINED:{ME}"),
        *changed("07", f"ATTENDEE;PARTSTAT=NEEDS-ACTION:{ME}"),
        *changed("08", f"ATTENDEE;PARTSTAT=TENTATIVE:{ME}"),
    )
    everything_free = ReadingRules(unanswered_blocks=False, tentative_blocks=False)

    assert [busy for _, _, busy in spans(*series)] == [True, False, True, True]
    assert [busy for _, _, busy in spans(*series, rules=everything_free)] == [
        True,
        False,
        False,
        False,
    ]


def test_one_accepted_occurrence_of_a_declined_series_blocks() -> None:
    series = (
        *TIMED,
        "RRULE:FREQ=DAILY;COUNT=3",
        f"ATTENDEE;PARTSTAT=DECLINED:{ME}",
        *changed("06", f"ATTENDEE;PARTSTAT=ACCEPTED:{ME}"),
    )

    assert [busy for _, _, busy in spans(*series)] == [False, True, False]


def test_rules_that_differ_have_keys_that_differ() -> None:
    rules = [
        ReadingRules(AllDay(wish), unanswered, tentative, travels)
        for wish in AllDay
        for unanswered in (True, False)
        for tentative in (True, False)
        for travels in (True, False)
    ]

    assert len({one.key for one in rules}) == 24


def changed(day: str, *lines: str) -> list[str]:
    """The occurrence of that day, with these lines, as what follows a VEVENT."""
    return [
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:a",
        f"RECURRENCE-ID:202601{day}T090000Z",
        f"DTSTART:202601{day}T090000Z",
        "DURATION:PT1H",
        *lines,
    ]
