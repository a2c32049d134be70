"""Who books: an existing contact, or a new one."""

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import SubAccount
from calendars.models import Contact
from calendars.services.telephones import digits_of, digits_to_find


class AddressTaken(Exception):
    """Another contact of the sub-account has this e-mail address."""


def contact_for(sub_account: SubAccount, *, name: str, email: str, phone: str) -> Contact:
    """The sub-account's contact with this e-mail address, else phone number, else a new one.

    An existing contact is never changed: the public could overwrite whom it likes. A phone number
    finds only a contact without e-mail address.
    """
    return (
        _by_email(sub_account, email)
        or _by_phone(sub_account, phone)
        or _created(sub_account, name=name, email=email, phone=phone)
    )


def contacts_of(sub_account: SubAccount, *, text: str = "") -> QuerySet[Contact]:
    """Those whose name, e-mail address or telephone number holds the text, by name, each with
    the number of their `bookings`."""
    rows: QuerySet[Contact] = Contact.objects.within(sub_account)
    if text:
        wanted = Q(name__icontains=text) | Q(email__icontains=text)
        if digits := digits_to_find(text):
            rows = rows.alias(_phone=digits_of("phone"))
            wanted |= Q(_phone__contains=digits)
        rows = rows.filter(wanted)
    return rows.annotate(bookings=Count("appointment")).order_by(Lower("name"), "pk")


def change_contact(contact: Contact, **parts: str) -> None:
    """Staff put parts of a contact right: name, email, phone. Appointments keep what was given when
    they were booked.

    Raises `AddressTaken` where another contact is recognised by that address.
    """
    for part, text in parts.items():
        setattr(contact, part, text)
    try:
        with transaction.atomic():
            contact.save(update_fields=list(parts))
    except IntegrityError as refusal:
        contact.refresh_from_db()
        if _by_email(contact.sub_account, parts.get("email", "")) in {None, contact}:
            raise
        raise AddressTaken from refusal


def _by_email(sub_account: SubAccount, email: str) -> Contact | None:
    # The shape of the unique index, so that it is used.
    folded = Contact.objects.within(sub_account).annotate(folded=Lower("email"))
    return folded.filter(folded=email.lower()).exclude(email="").first()


def _by_phone(sub_account: SubAccount, phone: str) -> Contact | None:
    if not phone:
        return None
    without_email = Contact.objects.within(sub_account).filter(email="", phone=phone)
    return without_email.order_by("pk").first()


def _created(sub_account: SubAccount, *, name: str, email: str, phone: str) -> Contact:
    try:
        with transaction.atomic():
            return Contact.objects.create(
                sub_account=sub_account, name=name, email=email, phone=phone
            )
    except IntegrityError:
        # Two calendars lock different rows, and the same person may book both at once.
        found = _by_email(sub_account, email)
        if found is None:
            raise
        return found
