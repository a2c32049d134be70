"""The pages on which the public books. No cookie is needed: a form's signed key stands in."""

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import SubAccount
from accounts.services import throttling
from accounts.throttle import address_of
from calendars.forms.booking import BookingForm
from calendars.models import Calendar
from calendars.services import booking
from calendars.services.booking_keys import KeyRefused, nonce_of
from calendars.services.refusals import KeyUsed, NotOffered, SlotTaken
from calendars.views.booking_page import Refusal, booking_page, zone_for

HOUR = timedelta(hours=1)
INCOMPLETE = Refusal(422, "Something is missing or not right. Please check what you entered.")
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
        appointment = booking.book(wanted, now=now)
    except throttling.TooOften as wait:
        refusal = Refusal(429, f"{wait} Your details are kept until then.")
        return booking_page(request, calendar, now=now, form=form, refusal=refusal)
    except tuple(REFUSALS) as refused:
        refusal = REFUSALS[type(refused)]
        return booking_page(request, calendar, now=now, form=form, refusal=refusal)
    return redirect("public:appointment", appointment.token)


def _offers() -> QuerySet[Calendar]:
    return Calendar.objects.active().select_related("sub_account")
