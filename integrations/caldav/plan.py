"""What to fetch and what is gone: a comparison of what is held with what a server lists."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from integrations.caldav.collection import Changes

FIRST_BATCH = 50
LARGEST_BATCH = 500


@dataclass(frozen=True, slots=True)
class Plan:
    fetch: tuple[str, ...]  # hrefs whose bodies are new or changed
    gone: frozenset[str]  # hrefs held that the server no longer has


def plan(held: Mapping[str, str], changes: Changes, *, is_complete: bool) -> Plan:
    """Compare the ETags held (href → ETag) with a delta, or with a complete listing.

    In a delta only resources answered with 404 are gone (RFC 6578 3.5.2); in a complete listing
    everything held that is not listed. What is held without an ETag was withheld by the server
    before, and is asked for again.
    """
    withheld = {href: "" for href, etag in held.items() if not etag} if not is_complete else {}
    asked = {**withheld, **changes.changed}
    fetch = tuple(
        href
        for href, etag in asked.items()
        if href not in changes.deleted and (not etag or held.get(href) != etag)
    )
    if is_complete:
        return Plan(fetch, frozenset(held) - frozenset(changes.changed))
    return Plan(fetch, changes.deleted & frozenset(held))


def batches(hrefs: Sequence[str]) -> Iterator[Sequence[str]]:
    """Parts to ask for at once: 50 first, so that little is lost on a bad line, then up to 500."""
    start, size = 0, FIRST_BATCH
    while start < len(hrefs):
        yield hrefs[start : start + size]
        start, size = start + size, min(2 * size, LARGEST_BATCH)
