"""How a mirrored event stands on its calendar: every change of that state is written here."""

from datetime import datetime

from django.db import transaction

from integrations.caldav.merge import Past, Span
from integrations.caldav.resource import Resource
from integrations.caldav.semantics import Fingerprint
from integrations.models import MirroredEvent, RemoteEvent
from integrations.services.storing import forget_own, store_own

State = MirroredEvent.State
# All but `is_leaving`: that is wanted by somebody else, perhaps while a request is under way.
_STANDING = (
    *("state", "etag", "standing_hash", "sent_hash", "agreed_start", "agreed_end"),
    *("own_text", "sent_text", "added_text"),
)


def past_of(event: MirroredEvent) -> Past:
    """What is known of it so far."""
    starts_at, ends_at = event.agreed_start, event.agreed_end
    return Past(
        standing=Fingerprint.of_key(event.standing_hash),
        sent=Fingerprint.of_key(event.sent_hash),
        agreed=(starts_at, ends_at) if starts_at and ends_at else None,
    )


def is_unknown(event: MirroredEvent) -> bool:
    """Whether a look is needed before the next write: an answer never came, or named no version."""
    return bool(event.sent_hash) or (event.state == State.WRITTEN and not event.etag)


def is_superseded(event: MirroredEvent) -> bool:
    """Whether a later one of its meeting stands there: then this one is one too many."""
    later = MirroredEvent.objects.filter(meeting_host=event.meeting_host_id)
    return later.filter(generation__gt=event.generation, state=State.WRITTEN).exists()


def note_sending(event: MirroredEvent, means: Fingerprint, own_text: str) -> None:
    """Before the request: if its answer gets lost, it is known what may stand there."""
    event.sent_hash, event.sent_text = means.key, own_text
    event.save(update_fields=["sent_hash", "sent_text"])


@transaction.atomic
def note_written(event: MirroredEvent, ics: str, *, etag: str, span: Span | None) -> None:
    """The server took what was sent. Without a strong ETag the next write looks first."""
    event.etag, event.standing_hash, event.sent_hash = etag, event.sent_hash, ""
    event.own_text, event.sent_text = event.sent_text, ""
    event.state = State.WRITTEN
    _agree(event, span)
    event.save(update_fields=_STANDING)
    store_own(event, ics)


def note_seen(
    event: MirroredEvent, standing: Resource, means: Fingerprint, *, agreed: Span | None
) -> None:
    """It was read, or found: this is what stands there now."""
    event.etag, event.standing_hash, event.sent_hash = standing.etag, means.key, ""
    event.state, event.sent_text = State.WRITTEN, ""
    _agree(event, agreed)
    event.save(update_fields=_STANDING)


def note_not_there(event: MirroredEvent) -> None:
    """Forget the last write that was not answered: it did not arrive."""
    event.sent_hash = event.sent_text = ""
    event.save(update_fields=["sent_hash", "sent_text"])


def note_place(event: MirroredEvent, remote: RemoteEvent) -> None:
    """It stands in another calendar, or under another name, by now."""
    event.remote_calendar, event.href = remote.remote_calendar, remote.href
    event.save(update_fields=["remote_calendar", "href"])


def note_deleted(event: MirroredEvent) -> None:
    """Its owner took it away."""
    event.state, event.etag, event.sent_hash, event.sent_text = State.DELETED, "", "", ""
    event.save(update_fields=["state", "etag", "sent_hash", "sent_text"])


@transaction.atomic
def note_removed(event: MirroredEvent) -> None:
    """Daybook took it away, or it never came to stand there."""
    event.state, event.etag, event.standing_hash = State.REMOVED, "", ""
    event.sent_hash = event.sent_text = ""
    event.save(update_fields=["state", "etag", "standing_hash", "sent_hash", "sent_text"])
    forget_own(event)


def _agree(event: MirroredEvent, span: Span | None) -> None:
    both: tuple[datetime | None, datetime | None] = span or (None, None)
    event.agreed_start, event.agreed_end = both
