"""One event file on a calendar server."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Resource:
    """``href`` is the raw path as the server spells it, ``etag`` "" where it gave none."""

    href: str
    etag: str
    ics: str = field(repr=False)
