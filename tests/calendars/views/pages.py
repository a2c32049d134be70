"""Reading pages as a visitor does."""

import re
from html import unescape
from typing import Any

from lxml import html


def text_of(response: Any) -> str:
    """The page with its entities resolved."""
    return unescape(response.content.decode())


def sent_by(response: Any, button: str) -> dict[str, str]:
    """What a button sends: what stands in its form, and what names that from elsewhere."""
    page = html.fromstring(response.content.decode())
    [pressed] = page.xpath("//button[normalize-space() = $text]", text=button)
    named = pressed.get("form")
    form = page.get_element_by_id(named) if named else next(pressed.iterancestors("form"))
    outside = [*page.xpath("//input[@form = $form and @checked]", form=form.get("id")), pressed]
    said = {each.get("name"): each.get("value") for each in outside if each.get("name")}
    # Browsers leave out the line end that a text begins with.
    return {name: value.removeprefix("\n") for name, value in form.form_values()} | said


def words_of(page: str) -> str:
    """What a page says to its reader: without tags, and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", "", page).split())
