"""How the copy of a meeting on a host's linked calendar stands, in the words of every page."""

from dataclasses import dataclass

from calendars.models import MeetingHost

Copy = MeetingHost.Copy


@dataclass(frozen=True, slots=True)
class CopyWords:
    """`kind` is that of a status; `advice` says what to do, where there is something to do."""

    kind: str
    text: str
    advice: str = ""

    @property
    def needs_attention(self) -> bool:
        return self.kind in {"warn", "error"}


_WRITTEN = CopyWords("ok", "on iCloud")
_REMOVED = CopyWords("muted", "removed from iCloud")
_NONE = CopyWords(
    "muted",
    "no linked calendar",
    "It is not on iCloud. Its host can choose a linked calendar in Calendar Configuration.",
)
_DELETED = CopyWords(
    "warn",
    "deleted in iCloud",
    "The appointment stands all the same. Write it to iCloud again, or cancel it.",
)
_CHANGED = CopyWords(
    "warn",
    "changed in iCloud",
    "The change there could not be taken over. Write it again to put the event right.",
)
_REFUSED_ADVICE = (
    "Its host can check in Calendar Configuration that the linked calendar can be written, or "
    "choose another one. Then write it again."
)
_TO_BE_REMOVED = "waiting to be removed from iCloud"
_KEPT_ADVICE = "The event could not be taken away. Its host can delete it in Apple Calendar."


def copy_in_words(part: MeetingHost, *, is_wanted: bool = True) -> CopyWords:
    """`is_wanted`: the event is to stand there, as the host serves the meeting and somebody comes.

    A copy that has gone as it should needs nobody's attention.
    """
    match part.copy:
        case Copy.WRITTEN:
            return _WRITTEN
        case Copy.WAITING:
            text = "waiting to be written to iCloud" if is_wanted else _TO_BE_REMOVED
            return CopyWords("busy", _because(text, part.copy_problem))
        case Copy.REFUSED if is_wanted:
            problem = part.copy_problem or "refused"
            return CopyWords("error", _because("not on iCloud", problem), _REFUSED_ADVICE)
        case Copy.REFUSED:
            text = _because("still on iCloud", part.copy_problem)
            return CopyWords("error", text, _KEPT_ADVICE)
        case Copy.DELETED | Copy.CHANGED if is_wanted:
            return _DELETED if part.copy == Copy.DELETED else _CHANGED
        case Copy.NONE:
            return _NONE
        case _:
            return _REMOVED


def _because(text: str, problem: str) -> str:
    return f"{text}: {problem}" if problem else text
