"""What the owner of a blocked slot can do about its event, for the slot's own page."""

from typing import Any

from django import template

from calendars.models import BlockedSlot
from integrations.services.editing import editing_of

register = template.Library()


@register.inclusion_tag("integrations/event_editing.html", takes_context=True)
def event_editing(context: dict[str, Any], slot: BlockedSlot) -> dict[str, Any]:
    request = context["request"]
    return {
        "slot": slot,
        "editing": editing_of(slot, request.member),
        "sub_account": request.sub_account.slug,
        "zone": request.member.zone,
    }
