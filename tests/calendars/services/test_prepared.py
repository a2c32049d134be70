"""Queries that are built once and asked with other values."""

from typing import Any

import pytest
from django.db.models import QuerySet

from accounts.models import User
from calendars.services.prepared import rows_of

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
