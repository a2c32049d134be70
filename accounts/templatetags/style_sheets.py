from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def style_sheets(sheet: str) -> SafeString:
    """Links to a style sheet of STYLE_SHEETS: as one file where there is one, else to its parts."""
    parts = [sheet] if settings.STATIC_MANIFEST else settings.STYLE_SHEETS[sheet]
    link = '<link rel="stylesheet" href="{}">'
    return format_html_join("\n  ", link, ((static(part),) for part in parts))
