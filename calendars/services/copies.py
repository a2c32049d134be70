"""How the copy of a meeting on a host's linked calendar stands, in the words of every page."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

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


_WRITTEN = CopyWords("ok", _("on iCloud"))
_WAITING = CopyWords("busy", _("waiting to be written to iCloud"))
_LEAVING = CopyWords("busy", _("waiting to be removed from iCloud"))
_REMOVED = CopyWords("muted", _("removed from iCloud"))
_NONE = CopyWords(
    "muted",
    _("no linked calendar"),
    _("It is not on iCloud. Its host can choose a linked calendar in Calendar Configuration."),
)
_DELETED = CopyWords(
    "warn",
    _("deleted in iCloud"),
    _("The appointment stands all the same. Write it to iCloud again, or cancel it."),
)
_CHANGED = CopyWords(
    "warn",
    _("changed in iCloud"),
    _("The change there could not be taken over. Write it again to put the event right."),
)
_REFUSED = CopyWords(
    "error",
    _("not on iCloud"),
    _(
        "Its host can check in Calendar Configuration that the linked calendar can be written, or "
        "choose another one. Then write it again."
    ),
)
_KEPT = CopyWords(
    "error",
    _("still on iCloud"),
    _("The event could not be taken away. Its host can delete it in Apple Calendar."),
)


def copy_in_words(part: MeetingHost, *, is_wanted: bool = True) -> CopyWords:
    """`is_wanted`: the event is to stand there, as the host serves the meeting and somebody comes.

    A copy that has gone as it should needs nobody's attention.
    """
    match part.copy:
        case Copy.WRITTEN:
            return _said(_WRITTEN)
        case Copy.WAITING:
            return _said(_WAITING if is_wanted else _LEAVING, because=part.copy_problem)
        case Copy.REFUSED if is_wanted:
            return _said(_REFUSED, because=part.copy_problem or gettext("refused"))
        case Copy.REFUSED:
            return _said(_KEPT, because=part.copy_problem)
        case Copy.DELETED | Copy.CHANGED if is_wanted:
            return _said(_DELETED if part.copy == Copy.DELETED else _CHANGED)
        case Copy.NONE:
            return _said(_NONE)
        case _:
            return _said(_REMOVED)


def _said(words: CopyWords, *, because: str = "") -> CopyWords:
    """These words in the reader's language; a reason that nobody translated as it was stored."""
    text = gettext(words.text)
    return CopyWords(
        words.kind,
        f"{text}: {gettext(because)}" if because else text,
        gettext(words.advice) if words.advice else "",
    )
