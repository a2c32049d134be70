"""Who has booked: the list, and one of them with their appointments."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import TenantRequest
from calendars.forms.contacts import ContactForm, ContactSearchForm
from calendars.models import Appointment, Contact
from calendars.services.contacts import AddressTaken, change_contact, contacts_of
from calendars.services.listing import rows_of, with_details
from calendars.views.bookings import PER_PAGE, sent


@require_safe
def contacts(request: TenantRequest, sub_account: str) -> HttpResponse:
    form = ContactSearchForm(request.GET)
    form.full_clean()
    text = form.cleaned_data.get("q", "")
    found = contacts_of(request.sub_account, text=text)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "is_filtered": bool(text)}
    return render(request, "calendars/contacts/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: TenantRequest, sub_account: str, pk: int) -> HttpResponse:
    rows = Contact.objects.within(request.sub_account).select_related("sub_account")
    found = get_object_or_404(rows, pk=pk)
    form = ContactForm(sent(request), contact=found)
    if form.is_valid():
        try:
            change_contact(found, **form.changes())
        except AddressTaken:
            taken = _(
                "Another contact has this address. Guests are recognised by it, so only one can "
                "have it."
            )
            form.add_error("email", taken)
        else:
            messages.success(request, _("The contact is saved."))
            return redirect("calendars:contact", sub_account, pk)
    own = Appointment.objects.within(request.sub_account).filter(contact=found)
    latest = own.order_by("-meeting__starts_at", "-pk")
    page = Paginator(with_details(latest), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "contact": Contact.objects.get(pk=found.pk) if form.errors else found,
        "form": form,
        "page": page,
        "rows": rows_of(page.object_list),
        "zone": request.member.zone,
    }
    status = 422 if form.errors else 200
    return render(request, "calendars/contacts/detail.html", context, status=status)
