"""How the reader's connections are doing, for the front page of the admin."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.db.models import Count
from django.urls import reverse

from accounts.admin_site import visible
from integrations.models import Connection

register = template.Library()


@register.inclusion_tag("admin/integrations/connection/health.html", takes_context=True)
def connection_health(context: dict[str, Any]) -> dict[str, Any]:
    rows = visible(Connection, context["request"].user).order_by("state", "problem")
    counted = rows.values_list("state", "problem").annotate(count=Count("pk"))
    return {"groups": [_group(*counts) for counts in counted]}


def _group(state: str, problem: str, count: int) -> dict[str, Any]:
    words = str(Connection.State(state).label)
    if problem:
        words = f"{words}: {Connection.Problem(problem).label}"
    query = urlencode({"state__exact": state, "problem__exact": problem})
    url = reverse("admin:integrations_connection_changelist") + f"?{query}"
    return {"words": words, "count": count, "url": url}
