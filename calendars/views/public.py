"""The pages on which the public books. No cookie is needed: a form's signed key stands in."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import SubAccount
from accounts.services import throttling
from accounts.storage import will_pass
from accounts.throttle import address_of
from calendars.forms.booking import BookingForm
from calendars.models import Calendar
from calendars.services import booking
from calendars.services.availability import is_bookable
from calendars.services.booking_keys import KeyRefused, nonce_of
from calendars.services.looking import look_first
from calendars.services.refusals import KeyUsed, NotOffered, SlotTaken
from calendars.views.booking_page import Refusal, booking_page, zone_for

HOUR = timedelta(hours=1)
INCOMPLETE = Refusal(422, "Something is missing or not right. Please check what you entered.")
UNSAVED = Refusal(
    503,
    "Nothing can be saved just now, and nothing was booked. "
    "Your details are kept: please send the form again in a minute.",
    will_pass=True,
)
REFUSALS: dict[type[Exception], Refusal] = {
    SlotTaken: Refusal(
        409, "That time was just taken. Please choose another one; your details are kept."
    ),
    NotOffered: Refusal(
        409, "That time cannot be booked. Please choose another one; your details are kept."
    ),
    KeyUsed: Refusal(
        409, "This form has made an appointment already. Send it again to make another one."
    ),
    KeyRefused: Refusal(
        403, "This page was open for too long. Your details are kept: please send the form again."
    ),
}


@require_safe
@never_cache
def book_index(request: HttpRequest, sub_account: str) -> HttpResponse:
    found = get_object_or_404(SubAccount, slug=sub_account)
    offers = Calendar.objects.within(found).active()
    return render(request, "calendars/book_index.html", {"sub_account": found, "calendars": offers})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, sub_account: str, calendar: str) -> HttpResponse:
    found = get_object_or_404(_offers(), sub_account__slug=sub_account, slug=calendar)
    if not is_bookable(found):
        context = {"sub_account": found.sub_account, "calendar": found}
        status = 409 if request.method == "POST" else 200
        return render(request, "calendars/not_bookable.html", context, status=status)
    if request.method == "POST":
        return _submit(request, found)
    return booking_page(request, found, now=timezone.now())


def _submit(request: HttpRequest, calendar: Calendar) -> HttpResponse:
    now = timezone.now()
    form = BookingForm(request.POST.dict())
    try:
        nonce_of(request.POST.get("key", ""), calendar=calendar)
        if not form.is_valid():
            return booking_page(request, calendar, now=now, form=form, refusal=INCOMPLETE)
        wanted = form.wanted(calendar, zone=zone_for(request, calendar))
        throttling.count("booking", address_of(request), limit=settings.BOOKING_RATE, per=HOUR)
        look_first(calendar, wanted.starts_at, now=now, host=wanted.host)
        appointment = booking.book(wanted, now=now)
    except (throttling.TooOften, DatabaseError, *REFUSALS) as error:
        return booking_page(request, calendar, now=now, form=form, refusal=_refusal(error))
    return redirect("public:appointment", appointment.token)


def _refusal(error: Exception) -> Refusal:
    """What to tell the guest. Raises the error where it is a mistake of ours."""
    if isinstance(error, throttling.TooOften):
        return Refusal(429, f"{error} Your details are kept until then.")
    if not isinstance(error, DatabaseError):
        return REFUSALS[type(error)]
    if not will_pass(error):
        raise error
    return UNSAVED


def _offers() -> QuerySet[Calendar]:
    return Calendar.objects.active().select_related("sub_account")
