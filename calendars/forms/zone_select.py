"""The long list of time zones, written once and not for each page."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django_stubs_ext import StrOrPromise

from accounts.models import time_zone_names
from calendars.forms.zones import zone_choices


class ZoneSelect(forms.Select):
    """A choice of the zones of `zone_choices`, and of the chosen one where it is none of them.

    Rendered as other choices are, its 400 options took a quarter of a booking page's time.
    """

    def render(
        self,
        name: str,
        value: Any,
        attrs: Mapping[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        attributes = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html(
            "<select{}>{}</select>", flatatt(attributes), _options_with(str(value or ""))
        )


def _options_with(chosen: str) -> SafeString:
    options = _options(get_language())
    plain, selected = (f'<option value="{escape(chosen)}"{more}>' for more in ("", " selected"))
    if plain in options:
        return mark_safe(options.replace(plain, selected))  # noqa: S308 - both are escaped
    if chosen not in time_zone_names():
        return options
    return format_html('<option value="{0}" selected>{0}</option>{1}', chosen, options)


@cache
def _options(_language: str | None) -> SafeString:
    return format_html_join(
        "",
        "{}",
        (
            (_group(name, places) if isinstance(places, list) else _option(name, places),)
            for name, places in zone_choices()
        ),
    )


def _group(name: StrOrPromise, places: list[tuple[str, str]]) -> SafeString:
    options = format_html_join("", "{}", ((_option(*place),) for place in places))
    return format_html('<optgroup label="{}">{}</optgroup>', name, options)


def _option(value: StrOrPromise, label: StrOrPromise) -> SafeString:
    return format_html('<option value="{}">{}</option>', value, label)
