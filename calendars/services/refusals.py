"""Why a booking or a change is not made. Nothing is written when one of these is raised."""

from calendars.engine.slots import Verdict


class SlotTaken(Exception):
    """Somebody was faster, or a host's own calendar has filled up."""


class NotOffered(Exception):
    """The calendar does not offer this time to anybody."""


class KeyUsed(Exception):
    """The form's one-time key has already made another appointment."""


class ChangesClosed(Exception):
    """The calendar's policy does not let guests change this appointment, or not any more."""


class Ended(Exception):
    """The appointment was cancelled or marked as invalid meanwhile."""


class NotInThisState(Exception):
    """An appointment with this status cannot be given the other one."""


class NotFree(Exception):
    """The time is not offered. Staff can read in the verdict why, and may book it all the same."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict
