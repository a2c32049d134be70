"""The pages on which the public books. No cookie is needed: a form's signed key stands in."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.client_identity import address_of
from accounts.models import SubAccount
from accounts.services import throttling
from calendars.forms.booking import BookingForm
from calendars.forms.menu_choice import ServicesForm
from calendars.models import Calendar, CalendarGroup
from calendars.services import booking
from calendars.services.booking_keys import KeyRefused, nonce_of
from calendars.services.combining import combined
from calendars.services.looking import look_first
from calendars.services.menus import with_services
from calendars.services.refusals import KeyUsed, NotOffered, SlotTaken
from calendars.views.booking_page import Choice, booking_page, zone_for
from calendars.views.framing import public_page
from calendars.views.refusing import Refusal, unsaved

HOUR = timedelta(hours=1)
INCOMPLETE = Refusal(422, _("Something is missing or not right. Please check what you entered."))
UNSAVED = _(
    "Nothing can be saved just now. Your details are kept: please send the form again in a minute."
)
REFUSALS: dict[type[Exception], Refusal] = {
    SlotTaken: Refusal(
        409, _("That time was just taken. Please choose another one; your details are kept.")
    ),
    NotOffered: Refusal(
        409, _("That time cannot be booked. Please choose another one; your details are kept.")
    ),
    KeyUsed: Refusal(
        409, _("This form has made an appointment already. Send it again to make another one.")
    ),
    KeyRefused: Refusal(
        403,
        _("This page was open for too long. Your details are kept: please send the form again."),
    ),
}
EXPECTED: tuple[type[Exception], ...] = (throttling.TooOften, DatabaseError, *REFUSALS)


@require_safe
@never_cache
def book_index(request: HttpRequest, sub_account: str) -> HttpResponse:
    found = get_object_or_404(SubAccount, slug=sub_account)
    context = {
        "sub_account": found,
        "calendars": Calendar.objects.within(found).active(),
        "menus": with_services(CalendarGroup.objects.within(found)),
    }
    return public_page(request, "calendars/book_index.html", context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, sub_account: str, calendar: str) -> HttpResponse:
    found = _offers().filter(sub_account__slug=sub_account, slug=calendar).first()
    if found is None:
        return _not_offered(request, sub_account)
    return _answer(request, Choice(combined([found])))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def menu(request: HttpRequest, sub_account: str, group: str) -> HttpResponse:
    """The services, and once some are chosen, when they can be booked."""
    menus = CalendarGroup.objects.filter(is_active=True).select_related("sub_account")
    found = menus.filter(sub_account__slug=sub_account, slug=group).first()
    if found is None:
        return _not_offered(request, sub_account)
    sent = request.POST if "services" in request.POST else request.GET
    is_sent = request.method == "POST" or "services" in sent
    form = ServicesForm(sent if is_sent else None, menu=found)
    if form.is_valid():
        chosen = combined(form.cleaned_data["services"])
        return _answer(request, Choice(chosen, found, form))
    context = {"sub_account": found.sub_account, "menu": found, "form": form}
    status = 422 if request.method == "POST" else 200
    return public_page(request, "calendars/menu.html", context, status=status)


def _not_offered(request: HttpRequest, sub_account: str) -> HttpResponse:
    """Whether it was switched off or never was: guests are told the same. 404 without that
    sub-account."""
    here = get_object_or_404(SubAccount, slug=sub_account)
    context = {"sub_account": here}
    return public_page(request, "calendars/not_offered.html", context, status=404)


def _answer(request: HttpRequest, choice: Choice) -> HttpResponse:
    if request.method == "POST":
        return _submit(request, choice)
    return booking_page(request, choice, now=timezone.now())


def _submit(request: HttpRequest, choice: Choice) -> HttpResponse:
    now, wanted = timezone.now(), choice.wanted
    form = BookingForm(request.POST.dict())
    try:
        nonce_of(request.POST.get("key", ""), page=choice.page)
        if not form.is_valid():
            return booking_page(request, choice, now=now, form=form, refusal=INCOMPLETE)
        asked = choice.request(form, zone=zone_for(request, wanted.first))
        throttling.count("booking", address_of(request), limit=settings.BOOKING_RATE, per=HOUR)
        look_first(wanted, asked.starts_at, now=now, host=asked.host)
        appointment = booking.book(asked, now=now)
    except EXPECTED as error:
        return booking_page(request, choice, now=now, form=form, refusal=_refusal(error))
    return redirect("public:appointment", appointment.token)


def _refusal(error: Exception) -> Refusal:
    """What to tell the guest. Raises the error where it is a mistake of ours."""
    if isinstance(error, throttling.TooOften):
        kept = gettext("Your details are kept until then.")
        return Refusal(429, f"{error} {kept}")
    if isinstance(error, DatabaseError):
        return unsaved(error, UNSAVED)
    return REFUSALS[type(error)]


def _offers() -> QuerySet[Calendar]:
    return Calendar.objects.active().select_related("sub_account")
