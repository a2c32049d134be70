"""Instants as people write them, without the code under test."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo


def at(text: str, zone: ZoneInfo) -> int:
    """'2026-03-02 10:00' in that zone as epoch seconds; an offset in the text wins."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())


def reads(instants: Iterable[int], zone: ZoneInfo) -> list[str]:
    """What the wall clock shows at those instants: ['03-02 10:00', …]."""
    return [datetime.fromtimestamp(instant, zone).strftime("%m-%d %H:%M") for instant in instants]
