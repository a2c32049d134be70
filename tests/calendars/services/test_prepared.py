"""Queries that are built once and asked with other values."""

from datetime import date
from typing import Any

import pytest
from django.db.models import QuerySet

from accounts.models import User
from calendars.models import Calendar, DateOverride, Schedule
from calendars.services.prepared import rows_of
from tests.calendars.asking import MONDAY, TUESDAY

pytestmark = pytest.mark.django_db

built: list[int] = []


def named(least: int, *emails: str) -> QuerySet[Any, Any]:
    built.append(len(emails))
    rows = User.objects.filter(pk__gte=least, email__in=emails, is_active=True)
    return rows.order_by("email").values_list("email")


def made(*emails: str) -> list[int]:
    return [User.objects.create(email=email, password="!").pk for email in emails]


def test_a_query_is_built_once_and_answers_for_the_values_it_is_asked_with() -> None:
    first, second = made("a@one.test", "b@one.test")
    built.clear()

    assert rows_of(named, 0, "a@one.test", "b@one.test") == [("a@one.test",), ("b@one.test",)]
    assert rows_of(named, second, "b@one.test", "a@one.test") == [("b@one.test",)]
    assert rows_of(named, first, "c@one.test", "a@one.test") == [("a@one.test",)]
    assert built == [2]


def test_it_is_built_again_for_another_number_of_values() -> None:
    made("a@one.test", "b@one.test")
    built.clear()

    for emails in (["a@one.test"], ["a@one.test", "b@one.test", "c@one.test"], ["b@one.test"]):
        rows_of(named, 0, *emails)

    assert built == [1, 3]


def test_what_the_query_always_asks_for_stays() -> None:
    made("a@one.test", "b@one.test")
    User.objects.filter(email="a@one.test").update(is_active=False)

    assert rows_of(named, 0, "a@one.test", "b@one.test") == [("b@one.test",)]


def test_values_are_only_values() -> None:
    made("a@one.test")

    assert rows_of(named, 0, "' OR '1'='1", "x@one.test") == []


def on(*days: date) -> QuerySet[Any, Any]:
    rows = DateOverride.objects.filter(day__in=days).order_by("day")
    return rows.values_list("day", "opens")


def test_dates_are_values_too(calendar: Calendar) -> None:
    schedule = Schedule.objects.get()
    for day in (MONDAY, TUESDAY):
        DateOverride.objects.create(schedule=schedule, day=day, opens=540, closes=600)

    found = rows_of(on, TUESDAY), rows_of(on, date(2030, 1, 1)), rows_of(on, MONDAY)

    assert [[str(day) for day, _ in rows] for rows in found] == [["2026-03-03"], [], ["2026-03-02"]]
