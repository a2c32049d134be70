"""A browser without screen: keeps cookies, reads forms and submits them."""

import html
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

VOID = {"checkbox", "radio"}


@dataclass
class Choice:
    """A radio button, checkbox or option, with the words beside it."""

    name: str
    value: str
    chosen: bool
    disabled: bool
    label: str = ""


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)

    def named(self, name: str) -> list[Choice]:
        return [choice for choice in self.choices if choice.name == name and not choice.disabled]


class Page(HTMLParser):
    """The forms of a page, and its text. Fields are kept per page: `form=` may name any form."""

    def __init__(self, url: str, status: int, text: str) -> None:
        super().__init__()
        self.url, self.status, self.text = url, status, html.unescape(text)
        self.forms: list[Form] = []
        self.loose = Form("")
        self._label: Choice | None = None
        self._select = ""
        self._in_form = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(had.get("action", "")))
            self._in_form = True
        elif tag in {"input", "textarea"} and had.get("name"):
            self._field(had)
        elif tag == "select":
            self._select = had.get("name", "")
        elif tag == "option" and self._select:
            self._option(had)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._label is not None and data.strip():
            self._label.label = data.strip()
            self._label = None

    def form_with(self, name: str) -> Form:
        """The form that has a field or choice of that name, with what lies outside of it."""
        for form in [*self.forms, self.loose]:
            if name in form.fields or any(choice.name == name for choice in form.choices):
                return form
        raise AssertionError(f"{self.url} ({self.status}) has no form with “{name}”.")

    def _option(self, had: dict[str, str]) -> None:
        """A list sends what is selected, or its first entry."""
        if "selected" in had or self._select not in self._form.fields:
            self._form.fields[self._select] = had.get("value", "")

    @property
    def _form(self) -> Form:
        return self.forms[-1] if self._in_form else self.loose

    def _field(self, had: dict[str, str]) -> None:
        form = self._form
        if had.get("type") in VOID:
            choice = Choice(
                had["name"], had.get("value", "on"), "checked" in had, "disabled" in had
            )
            form.choices.append(choice)
            self._label = choice
        else:
            form.fields[had["name"]] = had.get("value", "")


class Visitor:
    """Somebody at a browser."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.requests = 0
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()), urllib.request.ProxyHandler({})
        )

    def get(self, path: str) -> Page:
        return self._ask(urllib.request.Request(urllib.parse.urljoin(self.site, path)))  # noqa: S310

    def submit(self, page: Page, form: Form, **values: str | list[str]) -> Page:
        """Send a form as a browser would: what it holds, with these values instead."""
        chosen = {choice.name: choice.value for choice in form.choices if choice.chosen}
        sent = {**form.fields, **chosen, **values}
        request = urllib.request.Request(  # noqa: S310
            urllib.parse.urljoin(page.url, form.action or page.url),
            data=urllib.parse.urlencode(sent, doseq=True).encode(),
            headers={"Referer": page.url},
        )
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> Page:
        self.requests += 1
        try:
            with self._opener.open(request, timeout=30) as answer:
                return Page(answer.url, answer.status, answer.read().decode())
        except urllib.error.HTTPError as refusal:
            return Page(refusal.url or "", refusal.code, refusal.read().decode())
