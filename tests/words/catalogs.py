"""What is marked for translation, and what the catalogs have for it. gettext's own programs are not
needed: they are for translators."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from gettext import GNUTranslations
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[2]
APPS = ("accounts", "calendars", "integrations", "config")
# What gettext puts between a message's context and the message.
_JOINT = "\x04"
CALLS = {
    "_": "m",
    "gettext": "m",
    "gettext_lazy": "m",
    "gettext_noop": "m",
    "ngettext": "mp",
    "ngettext_lazy": "mp",
    "pgettext": "cm",
    "pgettext_lazy": "cm",
    "npgettext": "cmp",
    "npgettext_lazy": "cmp",
}
_TEXT = r"u?((?:'(?:[^'\\]|\\.)*')|(?:\"(?:[^\"\\]|\\.)*\"))"
_IN_TEMPLATES = re.compile(
    rf"\b(_|n?p?gettext)\({_TEXT}(?:, ?{_TEXT})?(?:, ?{_TEXT})?",
)


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a catalog. Without a plural there is one text."""

    key: str
    plural: str
    texts: tuple[str, ...]
    is_fuzzy: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """What each of its texts says in English."""
        singular = self.key.rpartition(_JOINT)[2]
        return (singular, *[self.plural] * (len(self.texts) - 1))


def written(language: str) -> list[Message]:
    """The catalog as translators write it."""
    text = _catalog(language, "po").read_text()
    entries = [_entry(part) for part in text.split("\n\n") if "\nmsgid " in f"\n{part}"]
    return [entry for entry in entries if entry.key]


def compiled(language: str) -> dict[object, str]:
    """The catalog as it is read when Daybook runs, by message, or message and number."""
    with _catalog(language, "mo").open("rb") as file:
        texts = GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in texts.items() if key}


def marked() -> set[str]:
    """Every message in templates and code."""
    return {*_in_templates(), *_in_code()}


def code() -> Iterator[Path]:
    """Every module of the apps."""
    for app in APPS:
        yield from (ROOT / app).rglob("*.py")


def _catalog(language: str, kind: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def _entry(part: str) -> Message:
    said: dict[str, str] = {"msgctxt": "", "msgid": "", "msgid_plural": ""}
    keyword, is_fuzzy = "", False
    for line in part.splitlines():
        if line.startswith("#"):
            is_fuzzy |= line.startswith("#,") and "fuzzy" in line
            continue
        if not line.startswith('"'):
            keyword, _, line = line.partition(" ")  # noqa: PLW2901
        said[keyword] = said.get(keyword, "") + str(ast.literal_eval(line))
    key = said["msgctxt"] + _JOINT + said["msgid"] if said["msgctxt"] else said["msgid"]
    texts = tuple(text for name, text in sorted(said.items()) if name.startswith("msgstr"))
    return Message(key, said["msgid_plural"], texts, is_fuzzy)


def _in_templates() -> Iterator[str]:
    for path in (ROOT / "templates").rglob("*.*"):
        for name, *texts in _IN_TEMPLATES.findall(templatize(path.read_text())):
            said = [ast.literal_eval(text) for text in texts if text]
            yield _JOINT.join(said[:2]) if "p" in name else said[0]


def _in_code() -> Iterator[str]:
    for path in code():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from _called(node.func.id, node)


def _called(name: str, call: ast.Call) -> Iterator[str]:
    parts = CALLS.get(name, "")
    texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    if parts and texts:  # without one, what was marked elsewhere is said here
        yield _JOINT.join(str(text) for text in texts[: 2 if "c" in parts else 1])
