"""recurring-ical-events as a second opinion, and the case files on which it is not asked.

docs/busy-time.md says of each of them what the library does, and what speaks against it.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from integrations.caldav.clock import midnight, to_utc

Span = tuple[datetime, datetime]

BERLIN = ZoneInfo("Europe/Berlin")
# fmt: off
UNASKED = frozenset({
    "rule_by_the_second", "rule_by_the_minute_with_override", "rule_interval_zero",  # no end
    "zone_name_localtime",  # depends on the machine
})
DIFFERENT = frozenset({
    # lengths
    "duration_exact_over_clock_change", "night_shift_series_over_clock_change",
    "daily_through_repeated_hour", "hourly_through_repeated_hour",
    "daily_through_clock_change_gap", "start_in_clock_change_gap",
    "all_day_dtend_equals_dtstart", "all_day_duration_in_hours", "date_start_with_timed_end",
    "all_day_dtend_before_dtstart", "dtend_before_dtstart", "duration_negative",
    # rules
    "mixed_plain_and_counted_weekdays", "week_number_without_weekday",
    "until_as_date_on_timed_series", "until_as_date_on_evening_series_west_of_utc",
    "until_before_first_date", "rule_hourly_on_all_day_series",
    # dates put in and taken out
    "exdate_at_another_time_of_day", "exdate_and_override_of_same_occurrence",
    "exrule_takes_out", "rdate_as_date_on_timed_series", "rdate_period_began_before_window",
    # changed occurrences
    "override_with_date_recurrence_id", "override_with_date_recurrence_id_of_extra_date",
    "override_this_and_future_by_date", "two_masters_one_uid",
    # zones and travel
    "zone_fixed_offset_name", "zone_fixed_offset_behind_utc", "zone_name_in_small_letters",
    "zone_known_to_definition_by_location", "zone_of_file_for_floating_time",
    "zone_with_utc_time", "zone_prefix_of_exchange",
    "apple_travel_time", "apple_travel_time_on_series",
    "apple_travel_time_of_more_than_a_day",
    # files it raises for
    "broken_event_beside_good_one", "byte_order_mark", "dtend_at_24_o_clock", "dtend_unreadable",
    "dtstart_twice", "event_without_end_line_before_good_one", "exdate_unreadable",
    "file_cut_off", "line_ends_bare_cr", "line_ends_cr_cr_lf", "lower_case_names",
    "override_cancelled_without_start", "override_with_unreadable_recurrence_id",
    "override_with_unreadable_start", "rdate_of_period_that_ends_before_it_starts",
    "rdate_unreadable_value_beside_good_one", "rule_in_small_letters_with_spaces",
    "rule_interval_negative", "rule_of_another_calendar", "rule_unreadable",
    "rule_weekday_number_zero", "rule_without_frequency", "two_calendars_in_one_file",
    "zone_definition_unreadable", "zone_name_with_colon",
    "zone_name_with_colon_defined_in_file", "zone_name_with_colon_of_offset",
})
# fmt: on


def oracle(ics: str, start: datetime, end: datetime) -> list[Span]:
    """The spans in [start, end) in UTC, without cancelled ones and those of no length."""
    found = recurring_ical_events.of(Calendar.from_ical(ics)).between(
        start - timedelta(days=2), end + timedelta(days=2)
    )
    spans = {
        (instant(one["DTSTART"].dt), instant(one["DTEND"].dt))
        for one in found
        if one.get("STATUS") != "CANCELLED"
    }
    return sorted((a, b) for a, b in spans if a < b and a < end and b > start)


def instant(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        return to_utc(midnight(value), BERLIN)
    return value.astimezone(UTC) if value.tzinfo else to_utc(value, BERLIN)
