"""Staff put right what an appointment's guest gave."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.middleware import TenantRequest
from calendars.forms.guests import CorrectionForm
from calendars.services.contacts import AddressTaken
from calendars.services.correcting import PARTS, correct, guest_of
from calendars.views.bookings import back_to, find_to_change, sent

ADDRESS_TAKEN = gettext_lazy(
    "Another contact has this address, and guests are recognised by it. "
    "Leave this out to change the appointment alone."
)


@require_http_methods(["GET", "HEAD", "POST"])
def correct_guest(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    appointment, now = find_to_change(request, pk), timezone.now()
    contact, guest = appointment.contact, guest_of(appointment)
    knows_contact = contact.email.lower() == guest.email.lower()
    form = CorrectionForm(sent(request), guest=guest, knows_contact=knows_contact)
    if form.is_valid():
        wanted, with_contact = form.corrected(), form.cleaned_data["with_contact"]
        try:
            changed = correct(
                appointment,
                wanted,
                by=request.user,
                now=now,
                with_contact=with_contact,
                touched=form.touched(PARTS),
            )
        except AddressTaken:
            form.add_error("with_contact", ADDRESS_TAKEN)
        else:
            messages.success(request, _words(changed, wanted.email))
            return back_to(appointment)
    context = {"appointment": appointment, "form": form}
    status = 422 if form.errors else 200
    return render(request, "calendars/appointments/guest.html", context, status=status)


def _words(changed: set[str], email: str) -> str:
    """What has been done, and who hears of it."""
    if not changed:
        return _("Nothing was changed.")
    if "email" not in changed:
        return _("Saved.")
    if not email:
        return _("Saved. The guest has no address any more: tell them yourself.")
    return _("Saved. From now on the guest is written to at %(email)s.") % {"email": email}
