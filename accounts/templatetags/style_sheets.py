from collections.abc import Iterable

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.brand import is_colour
from accounts.services.branding import PUBLIC_SHEET, sheet_for, version_of

register = template.Library()


@register.simple_tag
def style_sheets(sheet: str) -> SafeString:
    """Links to a style sheet of STYLE_SHEETS: as one file where there is one, else to its parts."""
    parts = [sheet] if settings.STATIC_MANIFEST else settings.STYLE_SHEETS[sheet]
    return _links(static(part) for part in parts)


@register.simple_tag
def public_style_sheets(colour: str) -> SafeString:
    """Links to what public pages look like, in an agency's colour if it has one."""
    if not is_colour(colour):
        return style_sheets(PUBLIC_SHEET)
    in_colour = reverse("brand:sheet", args=[colour[1:], version_of(sheet_for(colour))])
    before = [] if settings.STATIC_MANIFEST else settings.STYLE_SHEETS[PUBLIC_SHEET]
    return _links([*map(static, before), in_colour])


def _links(addresses: Iterable[str]) -> SafeString:
    link = '<link rel="stylesheet" href="{}">'
    return format_html_join("\n  ", link, ((address,) for address in addresses))
