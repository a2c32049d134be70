"""What a step expects to see, and how long it waits for it."""

import re
import time
from collections.abc import Callable
from typing import TypeVar

from demo.visitor import Page

PATIENCE = 45.0
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None], what: str) -> Found:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(0.5)
    raise AssertionError(f"Waited {PATIENCE:.0f} s in vain for {what}.")


def check(holds: bool, page: Page, otherwise: str) -> None:  # noqa: FBT001
    if not holds:
        text = re.sub(r"<[^>]+>|\s+", " ", page.text)
        raise AssertionError(f"{otherwise}: {page.url} ({page.status})\n{text[:1500]}")
