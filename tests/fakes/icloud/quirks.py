"""What iCloud does differently, one switch each. The defaults are iCloud's own behaviour.

Where each was seen stands in docs/icloud-simulator.md.
"""

from dataclasses import dataclass
from typing import Literal

ExpiredToken = Literal["400", "403", "403-named", "404", "409", "410", "412", "507", "full"]


@dataclass
class Quirks:
    """Change a field at any time; the next request sees it."""

    # Discovery and sign-in
    home_on_partition: bool = True  # the home's address is absolute, on a second host and port
    edge_redirects: bool = False  # the first host answers 301 to the partition instead of serving
    app_passwords_only: bool = True  # the main password is refused like a wrong one
    locks_after: int = 0  # refusals in a row that lock an account for good; 0: never
    system_collections: bool = True  # inbox, outbox, notification and a list of reminders
    principal_needs_depth_0: bool = True

    # Answers
    missing_as_404: bool = True  # empty elements of missing properties in a 404 propstat
    allprop_hides_types: bool = True
    empty_statuses: bool = False  # an empty <status/> beside the propstats
    connection_serves: int = 0  # requests before a kept connection is closed silently; 0: all

    # Listings
    markers_in_home: bool = True  # sync-token and getctag, the same value, in the home's listing
    sync_collection: bool = True
    expired_token: ExpiredToken = "403"
    collection_as_member: Literal["", "with-slash", "without-slash"] = "with-slash"
    ignores_limit: bool = True  # DAV:limit; else 507 for the collection after so many
    listing_lag: int = 0  # listings of a calendar before a client's own write shows in them
    body_lag: int = 0  # multigets before they hand out what a client wrote
    absolute_hrefs_refused: bool = True
    uid_search: int = 412  # the status of a search by UID; 0: it works
    time_range_misses_moved: bool = True  # an override counts where it was, not where it is
    long_names_hide_bodies: bool = False  # multiget finds nothing in calendars with a long name

    # Writes
    without_dtend: int = 404  # the status; 0: taken
    put_etag: Literal["strong", "weak", "none"] = "strong"
    etag_drifts: bool = False  # the ETag of a write is replaced right after its answer
    rewrites: bool = True  # order, PRODID, DTSTAMP twice, no VTIMEZONE of a known name
    tombstones: bool = True  # a name or UID once deleted is refused with 412 for good
    uid_conflict: Literal["no-uid-conflict", "unique-scheduling-object-resource", "bare"] = (
        "no-uid-conflict"
    )
    if_match_star_is_backwards: bool = True
    device_wins: bool = True  # 412 for a write without condition over what a device wrote
    delete_refuses_depth: bool = True
    most_bytes: int = 1_048_576
    most_attendees: int = 100

    # Limits
    requests_per_minute: int = 0  # per account; 0: no limit
    throttle_status: int = 503
    retry_after: str = "2"  # "": not said; routinely shorter than the pause that is meant
