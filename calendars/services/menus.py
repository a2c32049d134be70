"""Service menus: which services stand on a public page, and in which order."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import SubAccount
from calendars.models import Calendar, CalendarGroup
from calendars.models.offers import CalendarQuerySet


def services_of(sub_account: SubAccount) -> CalendarQuerySet:
    """What can stand on a menu, in the order in which menus show it."""
    found: CalendarQuerySet = Calendar.objects.within(sub_account)
    services = found.filter(kind=Calendar.Kind.SERVICE)
    return services.order_by("place_in_menu", "name", "pk")


@transaction.atomic
def set_services(menu: CalendarGroup, services: Sequence[Calendar]) -> None:
    """Have just these on the menu, in this order. Those from another menu leave it."""
    mine = Calendar.objects.within(menu.sub_account)
    mine.filter(group=menu).exclude(pk__in=[one.pk for one in services]).update(group=None)
    for place, service in enumerate(services, start=1):
        mine.filter(pk=service.pk).update(group=menu, place_in_menu=place)
