"""Limits on how often somebody may try something.

Counted in rows: a cache's counter loses increments between processes, and then limits nothing.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import Throttle

KEPT = timedelta(days=2)


class TooOften(Exception):
    """The limit of this window is used up; its text says when to try again,
    in the language of the page."""

    def __init__(self, retry_at: datetime) -> None:
        minutes = max(1, -(-(retry_at - timezone.now()) // timedelta(minutes=1)))
        said = ngettext(
            "That was tried too often. Please try again in %(minutes)s minute.",
            "That was tried too often. Please try again in %(minutes)s minutes.",
            minutes,
        )
        super().__init__(said % {"minutes": minutes})


def count(scope: str, who: str, *, limit: int, per: timedelta) -> None:
    """Count one try of `who`. Raises `TooOften` from the one after `limit` on in each window.

    Windows of length `per` lie side by side from the epoch on. Call it outside of a transaction
    that may be rolled back, or the try goes uncounted.
    """
    starts_at = _window(timezone.now(), per)
    row, _ = Throttle.objects.get_or_create(
        scope=scope, who=_digest(who), window_starts_at=starts_at
    )
    Throttle.objects.filter(pk=row.pk).update(count=F("count") + 1)
    row.refresh_from_db()
    if row.count > limit:
        raise TooOften(starts_at + per)


def forget_old() -> int:
    """Drop windows long over; returns how many."""
    dropped, _ = Throttle.objects.filter(window_starts_at__lt=timezone.now() - KEPT).delete()
    return dropped


def _window(now: datetime, per: timedelta) -> datetime:
    seconds = int(per.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def _digest(who: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), who.encode(), hashlib.sha256).hexdigest()
