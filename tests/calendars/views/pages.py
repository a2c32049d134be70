"""Reading pages as a visitor does."""

import re
from html import unescape
from typing import Any

from lxml import html


def text_of(response: Any) -> str:
    """The page with its entities resolved."""
    return unescape(response.content.decode())


def sent_by(response: Any, button: str) -> dict[str, str]:
    """What a button sends that names its form: what stands in the form, and what names it too."""
    page = html.fromstring(response.content.decode())
    [pressed] = page.xpath("//button[normalize-space() = $text]", text=button)
    form = page.get_element_by_id(pressed.get("form"))
    outside = [*page.xpath("//input[@form = $form and @checked]", form=form.get("id")), pressed]
    return {**dict(form.form_values()), **{each.get("name"): each.get("value") for each in outside}}


def words_of(page: str) -> str:
    """What a page says to its reader: without tags, and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", "", page).split())
