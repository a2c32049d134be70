"""Service menus: which services stand on a public page, and in which order."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import SubAccount
from calendars.models import Calendar, CalendarGroup
from calendars.models.offers import CalendarQuerySet

IN_MENU = ("place_in_menu", "name", "pk")


def services_of(sub_account: SubAccount) -> CalendarQuerySet:
    """What can stand on a menu, in the order in which menus show it."""
    found: CalendarQuerySet = Calendar.objects.within(sub_account)
    services = found.filter(kind=Calendar.Kind.SERVICE)
    return services.order_by(*IN_MENU)


def with_services(menus: QuerySet[CalendarGroup]) -> QuerySet[CalendarGroup]:
    """Those of the menus on which there is something to book."""
    there = Calendar.objects.active().filter(
        group=OuterRef("pk"), sub_account=OuterRef("sub_account"), kind=Calendar.Kind.SERVICE
    )
    return menus.filter(Exists(there), is_active=True)


def offered_on(menu: CalendarGroup) -> CalendarQuerySet:
    """The services that guests can book on that menu, as it shows them."""
    return services_of(menu.sub_account).active().filter(group=menu)


@transaction.atomic
def set_services(menu: CalendarGroup, services: Sequence[Calendar]) -> None:
    """Have just these on the menu, in this order. Those from another menu leave it."""
    mine = Calendar.objects.within(menu.sub_account)
    mine.filter(group=menu).exclude(pk__in=[one.pk for one in services]).update(group=None)
    for place, service in enumerate(services, start=1):
        mine.filter(pk=service.pk).update(group=menu, place_in_menu=place)
