"""Hiding a share of the free times, so that a calendar looks busy."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class LookBusy:
    """How many percent of a date's free times are hidden. `key` is secret, at most 64 bytes, and
    another one after each booking; dates are those of `zone`."""

    percent: int
    key: bytes
    zone: ZoneInfo


def hidden(starts: Iterable[int], look: LookBusy) -> frozenset[int]:
    """Which of the free starts, in epoch seconds, are not shown: the same as long as they and the
    key are the same.

    Give all free starts of each date. The number is rounded down: never all of a date are hidden.
    """
    by_date: defaultdict[date, set[int]] = defaultdict(set)
    for start in starts:
        by_date[datetime.fromtimestamp(start, look.zone).date()].add(start)
    found: set[int] = set()
    for day, there in by_date.items():
        shuffled = sorted(there, key=lambda start: _lot(look.key, day, start))
        found.update(shuffled[: len(there) * look.percent // 100])
    return frozenset(found)


def _lot(key: bytes, day: date, start: int) -> bytes:
    return blake2b(f"{day} {start}".encode(), key=key, digest_size=16).digest()
