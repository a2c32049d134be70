"""Daybook's words: all of them marked, and said in German."""

import re

import pytest

from tests.words.bare import bare_words
from tests.words.bare_messages import bare_messages
from tests.words.catalogs import ROOT, Message, code, compiled, marked, written

TEMPLATES = ROOT / "templates"
# The admin is in English.
PAGES = sorted(
    path for path in TEMPLATES.rglob("*.*") if path.relative_to(TEMPLATES).parts[0] != "admin"
)
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|%[sd]")


def test_no_template_but_the_admins_leaves_a_word_untranslated() -> None:
    left = {str(page.relative_to(TEMPLATES)): bare_words(page.read_text()) for page in PAGES}

    assert len(left) > 50
    assert {page: words for page, words in left.items() if words} == {}


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Free {{ day }} again</p>", ["Free", "again"]),
        ('<a href="{% url "x" %}" aria-label="Next {{ day }}">¶</a>', ["Next"]),
        ('{% include "y.html" with title="Nothing here" only %}', ["Nothing", "here"]),
        ('{% include "y.html" with title=_("Nothing here") only %}', []),
        ("{% blocktranslate %}Free {{ day }}{% endblocktranslate %} now", ["now"]),
        ("<code>&lt;hr class=x&gt;</code> drawn", ["drawn"]),
        ('{% comment %}Why{% endcomment %}<i class="is-free">{% translate "Free" %}</i>', []),
    ],
)
def test_a_bare_word_is_found_wherever_it_is_read(template: str, words: list[str]) -> None:
    assert bare_words(template) == words


def test_no_view_tells_anybody_in_words_that_are_not_marked() -> None:
    left = {str(path.relative_to(ROOT)): bare_messages(path.read_text()) for path in code()}

    assert len(left) > 200
    assert {path: texts for path, texts in left.items() if texts} == {}


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ('messages.success(request, f"{name} is saved.")', ["f'{name} is saved.'"]),
        ('messages.error(request, "Not saved.")', ["'Not saved.'"]),
        ('messages.info(request, message="Saved.")', ["'Saved.'"]),
        ('messages.info(request, "%s is saved." % name)', ["'%s is saved.' % name"]),
        (
            'messages.info(request, _("Saved.") if done else "Not yet.")',
            ["_('Saved.') if done else 'Not yet.'"],
        ),
        ('messages.info(request, _("%(name)s is saved.") % {"name": name})', []),
        ("messages.info(request, said)", []),
        ('SAID = "Saved."\ndef view(request):\n    messages.info(request, SAID)', ["SAID"]),
        (
            'def view(request):\n    said = "%s: saved."\n    messages.info(request, said % name)',
            ["said % name"],
        ),
        ('def view(request):\n    said = _("Saved.")\n    messages.info(request, said)', []),
        ('said = _(f"{name} is saved.")', ["f'{name} is saved.'"]),
        ('said = ngettext("One", f"{many} more", many)', ["f'{many} more'"]),
        ('log.info("saved")', []),
    ],
)
def test_a_bare_message_is_found_however_it_is_put(line: str, texts: list[str]) -> None:
    assert bare_messages(line) == texts


def test_german_has_every_message_and_no_other() -> None:
    assert {message.key for message in written("de")} == marked()


def test_every_german_text_is_there_and_certain() -> None:
    assert [message for message in written("de") if message.is_fuzzy or "" in message.texts] == []


def test_german_keeps_what_is_filled_in() -> None:
    assert [message.key for message in written("de") if not agrees(message)] == []


@pytest.mark.parametrize("text", ["%(name)s kommt", "%(gast)s kommt", "Jemand kommt"])
def test_a_text_that_fills_in_something_else_does_not_agree(text: str) -> None:
    agreed = agrees(Message("%(name)s comes", "", (text,)))

    assert agreed == (text == "%(name)s kommt")


def test_german_runs_as_it_is_written() -> None:
    expected: dict[object, str] = {}
    for message in written("de"):
        keys = [(message.sources[0], number) for number in range(len(message.texts))]
        expected |= dict(zip(keys if message.plural else [message.key], message.texts, strict=True))

    assert compiled("de") == expected


def agrees(message: Message) -> bool:
    pairs = zip(message.sources, message.texts, strict=True)
    return all(filled_in(source) == filled_in(text) for source, text in pairs)


def filled_in(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))
