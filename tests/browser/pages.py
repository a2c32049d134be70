"""The pages of the product, each in the states it can be seen in."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.http import urlsafe_base64_encode

from accounts.models import User
from calendars.models import BlockedSlot, Calendar
from calendars.services.booking_keys import new_key
from tests.architecture.routes import ADMIN, TABLE, Route, routes, values_for
from tests.architecture.rows import STARTS, Rows
from tests.architecture.world import World
from tests.bookings import book_at, make_calendar, tomorrow_at
from tests.browser.states import bare_rows, bring_trouble, make_editable, make_series

BOOK = "/book/riverside/intro/"
# What the server says when there is no page to show, or not to this visitor.
FAILURES = {"400": 400, "403": 403, "403_csrf": 403, "500": 500, "503": 503}
FURTHER_FAILURES = {"registration/locked_out": 429, "calendars/too_often": 429}
WRONG = {"calendars": ["0"], "reason": 3000 * "x"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
TOKENS = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"')
DOCUMENT = b"<!doctype html>"


@dataclass(frozen=True)
class Sight:
    """A page as somebody sees it, and the status that is right for it. `body` is what the server
    answered to something other than a plain GET: the browser is given these bytes."""

    name: str
    url: str
    visitor: Client
    status: int = 200
    body: bytes | None = None
    is_main: bool = False  # not one more state of a page that is seen anyhow

    def sent(self, **typed: Any) -> "Sight":
        """The same after the form was sent with this, with nothing changed by it."""
        with transaction.atomic():
            answer = self.visitor.post(self.url, typed)
            transaction.set_rollback(True)
        return Sight(
            f"{self.name}, sent", self.url, self.visitor, answer.status_code, answer.content
        )

    @property
    def route(self) -> str:
        return self.name.split(",")[0]

    def differs_from(self, other: "Sight") -> bool:
        """Whether anything but what is drawn by lot is different there."""
        return TOKENS.sub(b"", self.markup) != TOKENS.sub(b"", other.markup)

    def is_page(self) -> bool:
        """Whether something to look at stands there: a redirect or a file is none."""
        return self.markup.startswith(DOCUMENT)

    @cached_property
    def markup(self) -> bytes:
        """What the server answers."""
        return self.visitor.get(self.url).content if self.body is None else self.body


def refused(sights: Iterable[Sight]) -> Iterator[Sight]:
    """What they answer to a form in which nothing was entered or, where that is all they need, to
    what can't be right."""
    for sight in sights:
        hidden = dict(HIDDEN.findall(sight.markup.decode()))
        for typed in ({}, WRONG):
            sent = sight.sent(**hidden, **typed)
            if sent.is_page():
                yield sent
                break


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@dataclass(frozen=True)
class Sights:
    """Who sees what of a world. The database is written while they are made."""

    world: World

    @cached_property
    def guest(self) -> Client:
        return Client()

    @cached_property
    def owner(self) -> Client:
        return _signed_in(self.world.here.owner)

    @cached_property
    def admin(self) -> Client:
        return _signed_in(self.world.here.admin)

    @cached_property
    def newcomer(self) -> Client:
        """An admin of a sub-account that has no rows yet."""
        return _signed_in(self.world.sibling_admin)

    def full(self) -> Iterator[Sight]:
        """Every route that is a page, for whom it is meant, with rows to show."""
        for route in routes():
            url = route.url(**values_for(route, self.world.rows))
            sight = Sight(route.name, url, self._whose(route), is_main=True)
            if sight.is_page():
                yield sight
        yield from self._full_otherwise()

    def _full_otherwise(self) -> Iterator[Sight]:
        """Those for which the rows of the world will not do."""
        here = self.world.here
        for name, slot in (
            ("calendars:blocked_slot_edit", make_series(here.sub_account, here.owner)),
            ("calendars:blocked_slot_remove", make_series(here.sub_account, here.owner)),
            ("integrations:event_edit", make_editable(self.world.rows)),
        ):
            yield self._sight(name, {**self.world.rows, BlockedSlot: slot})
        simple = Calendar.objects.create(
            sub_account=here.sub_account, kind="simple", name="Room", slug="room"
        )
        hours = self._sight("calendars:calendar_hours", {**self.world.rows, Calendar: simple})
        yield replace(hours, visitor=self.admin)  # it has no hosts
        yield self._new_password(here.owner)
        week = self._sight("calendars:week", self.world.rows)
        yield replace(week, name="calendars:week, full", url=f"{week.url}?date={STARTS:%Y-%m-%d}")

    def _new_password(self, user: User) -> Sight:
        """What somebody sees who followed the link in a mail to them."""
        name, visitor = "password_reset_confirm", Client()
        uid = urlsafe_base64_encode(str(user.pk).encode())
        link = reverse(name, args=[uid, default_token_generator.make_token(user)])
        [(url, _)] = visitor.get(link, follow=True).redirect_chain
        return Sight(f"{name}, followed", url, visitor, is_main=True)

    def _sight(self, name: str, rows: Rows) -> Sight:
        [route] = [one for one in routes() if one.name == name]
        return Sight(name, route.url(**values_for(route, rows)), self._whose(route), is_main=True)

    def empty(self) -> Iterator[Sight]:
        """The same, in a sub-account without rows."""
        for route in routes():
            if route.arguments == ["sub_account"]:
                visitor = self.newcomer if route.path.startswith("s/") else self.guest
                url = route.url(sub_account=self.world.sibling.slug)
                sight = Sight(f"{route.name}, empty", url, visitor)
                if sight.is_page():
                    yield sight

    def bare(self) -> Iterator[Sight]:
        """The pages of a calendar, a menu, a connection and a contact with nothing in them, and
        those that show themselves with the first connection only."""
        seen = {sight.route for sight in self.empty()}
        rows = bare_rows(self.world.sibling, self.world.sibling_admin)
        said = {"sub_account": self.world.sibling.slug, "calendar": "bare", "group": "bare"}
        for route in routes():
            row = TABLE[route.name].row
            values = {**said, "pk": rows[row].pk} if row in rows else said
            if route.name in seen or not route.arguments or set(route.arguments) - set(values):
                continue
            visitor = self.guest if route.path.startswith("book/") else self.newcomer
            sight = Sight(f"{route.name}, bare", route.url(**values), visitor)
            if sight.is_page():
                yield sight

    def troubled(self, full: Iterable[Sight]) -> Iterator[Sight]:
        """Those that look different once everything is wrong that can be."""
        before = [sight for sight in full if sight.is_page()]  # the server has answered
        bring_trouble(self.world.rows)
        for sight in before:
            now = replace(sight, name=f"{sight.name}, troubled", is_main=False)
            if now.is_page() and now.differs_from(sight):
                yield now

    def failures(self) -> Iterator[Sight]:
        for name, status in {**FAILURES, **FURTHER_FAILURES}.items():
            page = render_to_string(f"{name}.html").encode()
            yield Sight(name, f"/failure/{name}/", self.guest, status, page)

    def booking(self) -> Iterator[Sight]:
        """A calendar with free times: its page, as it refuses, and an appointment to come."""
        calendar = make_calendar(self.world.here.sub_account, self.world.here.mate)
        times = Sight("times", BOOK, self.guest, is_main=True)
        yield times
        yield times.sent(key=new_key(calendar))
        appointment = book_at(calendar, tomorrow_at(9))
        again = {"name": "Gwen", "email": "gwen@guest.test", "start": tomorrow_at(9).isoformat()}
        yield replace(times.sent(key=new_key(calendar), **again), name="times, just taken")
        for page in ("", "reschedule/", "cancel/"):
            url = f"/appointments/{appointment.token}/{page}"
            yield Sight(f"to come, {page or 'shown'}", url, self.guest)
        yield Sight("nowhere", "/book/nowhere/", self.guest, status=404)

    def _whose(self, route: Route) -> Client:
        access = TABLE[route.name]
        if route.name == "login" or access.has_token or route.path.startswith("book/"):
            return self.guest
        return self.admin if access.who == ADMIN else self.owner
