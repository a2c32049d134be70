"""PROPFIND and the reports: what reads."""

from collections.abc import Iterator

from tests.fakes.icloud import markup, properties, querying
from tests.fakes.icloud.markup import CALDAV, DAV, Element, Markup, lost, multistatus
from tests.fakes.icloud.messages import Answer, Refusal, Request, xml
from tests.fakes.icloud.properties import GETETAG, Described
from tests.fakes.icloud.quirks import Quirks
from tests.fakes.icloud.state import Account, Calendar, World

LONG_NAME = 64
UNGRACEFUL = {f"{DAV}principal-property-search": 500, f"{CALDAV}free-busy-query": 400}


def propfind(
    request: Request, account: Account, world: World, *, quirks: Quirks, home_at: str
) -> Answer:
    """RFC 4918 9.1. ``home_at``: the origin calendar homes are said to live at, or ""."""
    asked = markup.parse(request.body) if request.body.strip() else None
    if request.body.strip() and asked is None:
        raise Refusal(400)
    wanted = markup.names(asked) if asked is not None else ()
    if request.depth not in {"0", "1"}:
        raise Refusal(403, f"{DAV}propfind-finite-depth")
    described = _described(request, account, world, quirks, home_at)
    responses = [
        each.respond(wanted, quirks) if wanted else each.everything(quirks) for each in described
    ]
    return xml(207, multistatus(responses))


def _described(
    request: Request, account: Account, world: World, quirks: Quirks, home_at: str
) -> Iterator[Described]:
    path, deep = request.path, request.depth == "1"
    if path == "/":
        yield properties.root(account)
    elif path.rstrip("/") == account.principal.rstrip("/"):
        if deep and quirks.principal_needs_depth_0:
            raise Refusal(400)
        yield properties.principal(account, f"{home_at}{account.home}")
    elif path.rstrip("/") == account.home.rstrip("/"):
        yield properties.home(account)
        for calendar in sorted(account.calendars.values(), key=lambda each: each.path):
            if deep:
                calendar.collection.listed()
                yield properties.calendar(calendar, account, quirks)
    elif calendar_here := world.calendar_at(path):
        yield properties.calendar(calendar_here, account, quirks)
        yield from _members(calendar_here) if deep else ()
    else:
        yield _one(path, world)


def _members(calendar: Calendar) -> Iterator[Described]:
    if calendar.kind == "subscribed":
        return
    calendar.collection.listed()
    for name, etag in sorted(calendar.collection.shown.items()):
        yield properties.resource(f"{calendar.path}{name}", etag)


def _one(path: str, world: World) -> Described:
    place = world.place_of(path)
    if place is None:
        raise Refusal(404)
    calendar, name = place
    resource = calendar.collection.resources.get(name)
    if resource is None or calendar.kind == "subscribed":
        raise Refusal(404)
    return properties.resource(path, resource.etag)


def report(request: Request, world: World, *, quirks: Quirks) -> Answer:
    """RFC 3253 3.6: dispatch by the root of the body."""
    asked = markup.parse(request.body)
    calendar = world.calendar_at(request.path)
    if asked is None:
        raise Refusal(400)
    if asked.tag in UNGRACEFUL:
        raise Refusal(UNGRACEFUL[asked.tag])
    if calendar is None:
        raise Refusal(404)
    if calendar.kind == "subscribed":
        return xml(207, multistatus([]))  # it offers events and then never has one
    match asked.tag:
        case properties.MULTIGET:
            return _multiget(asked, calendar, world, quirks)
        case properties.QUERY:
            return querying.query(asked, calendar, quirks=quirks)
        case properties.SYNC if quirks.sync_collection:
            return _sync(asked, calendar, quirks)
    raise Refusal(403, f"{DAV}supported-report")


def _sync(asked: Element, calendar: Calendar, quirks: Quirks) -> Answer:
    """RFC 6578 3.2; ``calendar-data`` is never given here, and a limit is not looked at."""
    collection = calendar.collection
    collection.listed()
    token = (asked.findtext(f"{DAV}sync-token") or "").strip()
    changed = dict(collection.shown)
    if token:
        revision = collection.revision_of(token)
        if revision is not None:
            changed = collection.changed_since(revision)
        elif quirks.expired_token != "full":
            raise _expired(quirks)
    wanted = markup.names(asked)
    items = [*_self(calendar, quirks)]
    for name, etag in sorted(changed.items()):
        path = f"{calendar.path}{name}"
        items.append(
            properties.resource(path, etag).respond(wanted, quirks) if etag else lost(path)
        )
    limit = asked.findtext(f"{DAV}limit/{DAV}nresults") or ""
    if limit.isdecimal() and not quirks.ignores_limit and len(changed) > int(limit):
        raise Refusal(507, f"{DAV}number-of-matches-within-limits")
    return xml(207, multistatus(items, token=collection.token))


def _expired(quirks: Quirks) -> Refusal:
    if quirks.expired_token == "403-named":
        return Refusal(403, f"{DAV}valid-sync-token")
    return Refusal(int(quirks.expired_token))


def _self(calendar: Calendar, quirks: Quirks) -> Iterator[Markup]:
    """The collection, listed as a member of itself."""
    if quirks.collection_as_member:
        slash = "/" if quirks.collection_as_member == "with-slash" else ""
        etag = f'"{calendar.collection.token}"'
        yield properties.resource(calendar.path.rstrip("/") + slash, etag).respond(
            [GETETAG], quirks
        )


def _multiget(asked: Element, calendar: Calendar, world: World, quirks: Quirks) -> Answer:
    """RFC 4791 7.9. A path that leads nowhere is a 404 of its own among the others."""
    hrefs = [(each.text or "").strip() for each in asked.iterchildren(f"{DAV}href")]
    if quirks.absolute_hrefs_refused and not all(path.startswith("/") for path in hrefs):
        raise Refusal(400)
    wanted = markup.names(asked)
    is_blind = quirks.long_names_hide_bodies and len(calendar.path.split("/")[-2]) >= LONG_NAME
    return xml(
        207,
        multistatus(
            lost(path) if is_blind else _fetched(path, calendar, world, wanted, quirks)
            for path in hrefs
        ),
    )


def _fetched(
    path: str, calendar: Calendar, world: World, wanted: tuple[str, ...], quirks: Quirks
) -> Markup:
    place = world.place_of(path)
    resource = None
    if place and place[0].path == calendar.path:
        resource = calendar.collection.resources.get(place[1])
    if resource is None:
        return lost(path)
    if resource.withheld:
        resource.withheld -= 1
        return lost(path)
    return properties.resource(path, resource.etag, resource).respond(wanted, quirks)
