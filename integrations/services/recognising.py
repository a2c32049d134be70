"""Whose events these are: recognised by UID, wherever they stand."""

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Q

from calendars.models import BusySource
from integrations.models import MirroredEvent, RemoteEvent

CHUNK = 500


def own_uids(source: BusySource, uids: Iterable[str]) -> set[str]:
    """Of these, the UIDs of events that Daybook wrote for meetings this user serves, or once wrote
    for this user: it takes them away, or they may stand again."""
    serves = Q(
        meeting_host__meeting__hosts__user=source.user_id,
        meeting_host__meeting__hosts__is_serving=True,
    )
    return written_by_us(uids, serves | Q(meeting_host__user=source.user_id))


def removed_by_us(uids: Iterable[str]) -> set[str]:
    """Of these, the UIDs of events that Daybook itself took away: nobody's time is kept."""
    return written_by_us(uids, Q(state=MirroredEvent.State.REMOVED))


def uids_read(source: BusySource, uids: Sequence[str]) -> set[str]:
    """Of these, the UIDs that stand in any calendar read for the source's user there; one that is
    gone from its account holds nothing any more."""
    found: set[str] = set()
    for start in range(0, len(uids), CHUNK):
        standing = RemoteEvent.objects.filter(
            uid__in=uids[start : start + CHUNK],
            missing_since=None,
            remote_calendar__busy_source__user=source.user_id,
            remote_calendar__busy_source__sub_account=source.sub_account_id,
            remote_calendar__busy_source__gone_at=None,
        )
        found.update(standing.values_list("uid", flat=True))
    return found


def own_copies(source: BusySource, own: Iterable[str]) -> dict[str, int]:
    """Of own events, those that this host's own copies are: what is done to them is followed."""
    rows = MirroredEvent.objects.filter(
        uid__in=own,
        meeting_host__user=source.user_id,
        meeting_host__meeting__sub_account=source.sub_account_id,
    )
    return {str(uid): pk for uid, pk in rows.values_list("uid", "pk")}


def written_by_us(uids: Iterable[str], which: Q | None = None) -> set[str]:
    """Of these, the UIDs of events that Daybook wrote, narrowed by what their records say."""
    candidates = [uid for uid in map(_as_uuid, uids) if uid is not None]
    found: set[str] = set()
    for start in range(0, len(candidates), CHUNK):
        own = MirroredEvent.objects.filter(uid__in=candidates[start : start + CHUNK])
        own = own.filter(which) if which else own
        found.update(str(uid) for uid in own.values_list("uid", flat=True))
    return found


def _as_uuid(uid: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(uid)
    except ValueError:
        return None
