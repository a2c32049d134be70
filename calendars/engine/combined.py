"""Services that follow one another: when somebody is open for all of them."""

from collections.abc import Sequence

from calendars.engine.hours import Window, common_windows


def windows_for_all(services: Sequence[Sequence[Window]], *, interval: int) -> list[Window]:
    """The windows that are open for each of the services, on the grid of the first.

    Where a later service opens later, the first start is the next one that lies a multiple of
    `interval` seconds after the first service's opening. Raises ValueError without services.
    """
    if not services:
        raise ValueError("Nothing is combined.")
    first, *others = services
    found: list[Window] = []
    for window in first:
        for common in common_windows([[window], *others]):
            start = common.start + (window.start - common.start) % interval
            if start < common.end:
                found.append(Window(start, common.end, common.until, common.midnight))
    return found
