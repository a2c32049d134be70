"""Whether an event blocks its owner's time: what it says, what they answered, what they want.

In this order: what the owner declined is free, what they have not agreed to follows their wish,
whole days follow their wish, and else the event says itself whether it is busy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum

from integrations.caldav.clock import read_length
from integrations.caldav.parsing import Component, Property

# RFC 5545 3.8.2.7 makes OPAQUE the default, Apple's server reads all-day events without TRANSP as
# free. Apple's own devices always write TRANSP, so this decides about other clients' events only,
# and there a day too many is blocked rather than one too few.
ALL_DAY_WITHOUT_TRANSP_IS_BUSY = True

# How Exchange and Outlook say it. FREE is the only one of these that means free.
OUTLOOK_BUSY = frozenset({"BUSY", "TENTATIVE", "OOF", "WORKINGELSEWHERE"})


class AllDay(StrEnum):
    """What events that last whole days do."""

    FOLLOW = "follow"
    BUSY = "busy"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """How the reader of a calendar wants it read; by default rather too much blocks than too
    little. Whatever they say, what is cancelled or was declined is free."""

    all_day: AllDay = AllDay.FOLLOW
    unanswered_blocks: bool = True
    tentative_blocks: bool = True
    travel_counts: bool = True

    @property
    def key(self) -> str:
        """The rules as a short text that can be stored and compared."""
        said = {
            "unanswered": self.unanswered_blocks,
            "tentative": self.tentative_blocks,
            "travel": self.travel_counts,
        }
        return " ".join([self.all_day, *(word for word, counts in said.items() if counts)])


DEFAULT_RULES = ReadingRules()


class Answer(IntEnum):
    """To an invitation, the most binding first."""

    ACCEPTED = 1
    TENTATIVE = 2
    MISSING = 3
    DECLINED = 4


# RFC 5545 3.2.12: without PARTSTAT it is NEEDS-ACTION, and so are values nobody knows. Who hands an
# event to somebody else has answered it, and nothing says that they stay away.
_ANSWERS = {
    "ACCEPTED": Answer.ACCEPTED,
    "DELEGATED": Answer.ACCEPTED,
    "TENTATIVE": Answer.TENTATIVE,
    "DECLINED": Answer.DECLINED,
}


def is_busy(
    component: Component, *, all_day: bool, owner: frozenset[str], rules: ReadingRules
) -> bool:
    """Whether an event that is not cancelled blocks the time of whoever has these addresses."""
    answer = _answer(component, owner)
    if answer is Answer.DECLINED:
        return False
    if answer is Answer.MISSING and not rules.unanswered_blocks:
        return False
    if not rules.tentative_blocks and _is_tentative(component, answer):
        return False
    if all_day and rules.all_day is not AllDay.FOLLOW:
        return rules.all_day is AllDay.BUSY
    return blocks_time(
        _transparency(component), all_day=all_day, outlook_status=_outlook_status(component)
    )


def blocks_time(
    transparency: str,
    *,
    all_day: bool,
    outlook_status: str = "",
    all_day_default: bool = ALL_DAY_WITHOUT_TRANSP_IS_BUSY,
) -> bool:
    """Whether TRANSP, or what stands in for it where it is absent, makes an event busy."""
    if transparency in ("TRANSPARENT", "OPAQUE"):
        return transparency == "OPAQUE"
    if outlook_status == "FREE" or outlook_status in OUTLOOK_BUSY:
        return outlook_status != "FREE"
    return all_day_default if all_day else True


def travel(name: str, component: Component) -> timedelta:
    """How long Apple's travel time blocks besides the event; none where it cannot be read."""
    try:
        length = read_length(component.value(name))
    except ValueError:
        return timedelta(0)
    return max(timedelta(0), timedelta(days=length.days) + length.elapsed)


def canonical(address: str) -> str:
    """A calendar user address, as it is compared."""
    return address.strip().lower().removeprefix("mailto:")


def _is_tentative(component: Component, answer: Answer) -> bool:
    """Agreed to under reserve, or planned under reserve by whoever invites."""
    return (
        answer is Answer.TENTATIVE
        or component.value("STATUS").upper() == "TENTATIVE"
        or (not _transparency(component) and _outlook_status(component) == "TENTATIVE")
    )


def _answer(component: Component, owner: frozenset[str]) -> Answer:
    """The owner's own. Invited by several addresses, the most binding answer counts; who invites
    others, or is not invited at all, is there."""
    answers = [
        _ANSWERS.get(attendee.parameter("PARTSTAT"), Answer.MISSING)
        for attendee in (component.properties("ATTENDEE") if owner else ())
        if not owner.isdisjoint(_names(attendee))
    ]
    answer = min(answers, default=Answer.ACCEPTED)
    if answer is Answer.MISSING and _invites(component, owner):
        return Answer.ACCEPTED
    return answer


def _invites(component: Component, owner: frozenset[str]) -> bool:
    organizer = component.first("ORGANIZER")
    return organizer is not None and not owner.isdisjoint(_names(organizer))


def _names(person: Property) -> Iterator[str]:
    yield canonical(person.value)
    # Apple names people by urn:uuid or a path, and their e-mail address in a parameter.
    yield canonical(person.parameters.get("EMAIL", ""))


def _transparency(component: Component) -> str:
    return component.value("TRANSP").upper()


def _outlook_status(component: Component) -> str:
    return component.value("X-MICROSOFT-CDO-BUSYSTATUS").upper()
