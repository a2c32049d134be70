"""Time that people block for themselves. It stays in Daybook: no calendar outside learns of it."""

from accounts.models import Member
from calendars.models import BlockedSlot, MeetingHost
from calendars.models.blocked import BlockedSlotQuerySet


def made_by_hand(member: Member) -> BlockedSlotQuerySet:
    """The member's own slots that no feed has written."""
    slots: BlockedSlotQuerySet = BlockedSlot.objects.within(member.sub_account)
    return slots.filter(user=member.user_id, source=None)


def is_by_hand(slot: BlockedSlot) -> bool:
    """Whether its owner may change it here. What a feed has written is changed where it is from."""
    return slot.source_id is None


def has_meeting_in(slot: BlockedSlot) -> bool:
    """Whether its owner has a meeting in that time, which blocking it does not call off."""
    mine = MeetingHost.objects.filter(user=slot.user_id).holding()
    return mine.filter(
        meeting__starts_at__lt=slot.ends_at, meeting__ends_at__gt=slot.starts_at
    ).exists()
