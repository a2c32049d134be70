"""The last part of a public address: typed, or made of a name."""

from collections.abc import Callable

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

LONGEST_ADDRESS = 50
NO_LETTERS = _("Write an address with letters a–z, digits and hyphens.")


def proposed_address(name: str, *, is_taken: Callable[[str], bool]) -> str:
    """The name as an address, with a number where that one is taken; empty where the name has
    nothing to make one of."""
    stem = str(slugify(name)[: LONGEST_ADDRESS - 5].strip("-_"))
    address, number = stem, 1
    while stem and is_taken(address):
        number += 1
        address = f"{stem}-{number}"
    return address
