"""What calendar files block: the case files in tests/ics, and rules that files cannot show."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from integrations.caldav import recurrence, series
from integrations.caldav.blocking import blocks_time
from integrations.caldav.parsing import Unreadable
from integrations.caldav.recurrence import Expansion, Occurrence, expand
from tests.integrations.caldav.spans import PROBLEMS, SPANS

CASES = Path(__file__).parents[2] / "ics"
BERLIN = ZoneInfo("Europe/Berlin")
OWNER = frozenset({"mailto:owner@example.org"})


def calendar(*events: str) -> str:
    blocks = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{blocks}END:VCALENDAR\r\n".replace(" | ", "\r\n")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def expand_2026(ics: str, zone: ZoneInfo = BERLIN) -> Expansion:
    return expand(ics, zone=zone, start=at("2026-01-01"), end=at("2027-01-01"), owner=OWNER)


def written(occurrence: Occurrence) -> str:
    """An occurrence as the table of case files writes it."""
    words = [f"{occurrence.starts_at:%Y-%m-%dT%H:%M} {occurrence.ends_at:%Y-%m-%dT%H:%M}"]
    words += [] if occurrence.is_busy else ["free"]
    words += ["all-day"] if occurrence.all_day else []
    words += [] if occurrence.title == "Dentist" else [f"“{occurrence.title}”"]
    return " ".join(words)


def test_the_table_names_every_case_file() -> None:
    assert sorted(SPANS) == sorted(path.stem for path in CASES.glob("*.ics"))


@pytest.mark.parametrize("name", SPANS)
def test_a_case_file_blocks_what_the_table_says(name: str) -> None:
    expansion = expand_2026((CASES / f"{name}.ics").read_bytes().decode())

    assert tuple(written(one) for one in expansion.occurrences) == SPANS[name]
    assert expansion.problems == PROBLEMS.get(name, ())
    assert expansion.uid == ("" if name == "without_uid" else "case-1")


def test_an_expansion_is_a_value_in_utc() -> None:
    ics = calendar("UID:a | DTSTART:20260704T090000 | DURATION:PT1H | SUMMARY:Tea\\, scones")

    assert expand_2026(ics) == Expansion(
        uid="a",
        occurrences=(
            Occurrence(
                starts_at=at("2026-07-04T07:00"),
                ends_at=at("2026-07-04T08:00"),
                all_day=False,
                is_busy=True,
                title="Tea, scones",
            ),
        ),
        problems=(),
    )


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("Europe/Berlin", "2026-07-03T22:00", "2026-07-04T22:00"),
        ("America/New_York", "2026-07-04T04:00", "2026-07-05T04:00"),
        ("Pacific/Auckland", "2026-07-03T12:00", "2026-07-04T12:00"),
    ],
)
def test_a_day_is_the_owners_day(zone: str, start: str, end: str) -> None:
    expansion = expand_2026(calendar("UID:a | DTSTART;VALUE=DATE:20260704"), ZoneInfo(zone))

    spans = [(one.starts_at, one.ends_at) for one in expansion.occurrences]
    assert spans == [(at(start), at(end))]


def test_a_day_begins_after_midnight_where_the_clock_change_skips_midnight() -> None:
    ics = calendar("UID:a | DTSTART;VALUE=DATE:20260424")  # Cairo: 00:00 becomes 01:00

    (day,) = expand_2026(ics, ZoneInfo("Africa/Cairo")).occurrences

    assert (day.starts_at, day.ends_at) == (at("2026-04-23T22:00"), at("2026-04-24T21:00"))


def test_the_window_includes_its_start_and_excludes_its_end() -> None:
    ics = calendar("UID:a | DTSTART:20260105T090000Z | DURATION:PT1H | RRULE:FREQ=HOURLY;COUNT=5")

    expansion = expand(ics, zone=BERLIN, start=at("2026-01-05T10:00"), end=at("2026-01-05T12:00"))

    starts = [one.starts_at for one in expansion.occurrences]
    assert starts == [at("2026-01-05T10:00"), at("2026-01-05T11:00")]


def test_without_the_owners_address_nothing_counts_as_declined() -> None:
    ics = (CASES / "declined_by_owner.ics").read_text()

    expansion = expand(ics, zone=BERLIN, start=at("2026-01-01"), end=at("2027-01-01"))

    assert [one.is_busy for one in expansion.occurrences] == [True]


@pytest.mark.parametrize(
    ("transparency", "all_day", "outlook", "all_day_default", "expected"),
    [
        ("OPAQUE", True, "FREE", False, True),
        ("TRANSPARENT", False, "BUSY", True, False),
        ("", True, "", True, True),
        ("", True, "", False, False),
        ("", False, "", False, True),
        ("", False, "FREE", True, False),
        ("NONSENSE", False, "", False, True),
    ],
)
def test_what_makes_an_event_busy(
    *, transparency: str, all_day: bool, outlook: str, all_day_default: bool, expected: bool
) -> None:
    busy = blocks_time(
        transparency, all_day=all_day, outlook_status=outlook, all_day_default=all_day_default
    )

    assert busy is expected


def test_an_all_day_event_without_transp_is_busy() -> None:
    (day,) = expand_2026(calendar("UID:a | DTSTART;VALUE=DATE:20260704")).occurrences

    assert day.is_busy is True


def test_a_title_is_cut_to_500_characters() -> None:
    ics = calendar("UID:a | DTSTART:20260105T090000Z | DURATION:PT1H | SUMMARY:" + "é" * 600)

    assert [one.title for one in expand_2026(ics).occurrences] == ["é" * 500]


def test_an_event_beyond_the_years_python_knows_is_cut_to_them() -> None:
    ics = calendar("UID:a | DTSTART:00010101T000000 | DTEND:99991231T235959")

    (span,) = expand_2026(ics).occurrences

    assert (span.starts_at, span.ends_at) == (
        datetime.min.replace(tzinfo=UTC),
        at("9999-12-31T22:59:59"),
    )


def test_a_series_over_the_limit_blocks_its_first_occurrences_and_says_so() -> None:
    ics = calendar("UID:a | DTSTART:20260101T000000Z | DURATION:PT30M | RRULE:FREQ=HOURLY")

    expansion = expand_2026(ics)

    assert len(expansion.occurrences) == series.OCCURRENCE_LIMIT
    assert expansion.occurrences[-1].starts_at == at("2026-03-25T07:00")
    assert expansion.problems == (series.TOO_MANY,)


def test_all_series_of_a_file_together_keep_to_the_limit() -> None:
    event = "DURATION:PT30M | RRULE:FREQ=HOURLY;COUNT=1500"
    ics = calendar(
        f"UID:a | DTSTART:20260101T000000Z | {event}", f"UID:b | DTSTART:20260101T001500Z | {event}"
    )

    expansion = expand_2026(ics)

    assert len(expansion.occurrences) == series.OCCURRENCE_LIMIT
    assert expansion.problems == (series.TOO_MANY,)


@pytest.mark.parametrize(
    "ics",
    [
        "",
        "\ufeff",
        "<html><body>Sign in</body></html>",
        "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260105T090000Z\r\nEND:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        calendar("UID:a"),
        calendar("UID:a | DTSTART:20261301T090000Z"),
        calendar("UID:a | DTSTART;TZID=Europe/Berlin:٢٠٢٦٠١٠٥T090000"),
        "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nDTSTART:20260105T090000Z\r\nEND:VTODO\r\nEND:VCALENDAR",
        "BEGIN:VCALENDAR\r\n" + "BEGIN:X-BOX\r\n" * 100_000,
    ],
)
def test_a_file_without_a_readable_event_is_unreadable(ics: str) -> None:
    with pytest.raises(Unreadable):
        expand_2026(ics)


def test_problems_repeat_no_text_of_the_file() -> None:
    secret = "Canary"
    ics = calendar(
        f"UID:{secret} | SUMMARY:{secret} | DTSTART;TZID={secret}:20260105T090000 | "
        f"DTEND:{secret} | RRULE:{secret} | RDATE:{secret}",
        f"UID:{secret} | DTSTART:{secret} | RECURRENCE-ID:{secret}",
    )

    problems = expand_2026(ics).problems

    assert len(problems) == 5
    assert secret not in " ".join(problems)


def test_the_modules_sentences_are_plain_words() -> None:
    sentences = {
        text
        for module in (recurrence, series)
        for name, text in vars(module).items()
        if name.isupper() and isinstance(text, str)
    }

    assert [text for text in sorted(sentences) if not text.endswith(".")] == []
