"""MKCALENDAR, MKCOL and PROPPATCH: collections come, and get other names."""

from tests.fakes.icloud import markup
from tests.fakes.icloud.markup import APPLE, CALDAV, DAV, Element, element, multistatus
from tests.fakes.icloud.messages import Answer, Refusal, Request, xml
from tests.fakes.icloud.state import Account, Calendar, Kind, World

NAME, COLOR, ORDER = f"{DAV}displayname", f"{APPLE}calendar-color", f"{APPLE}calendar-order"
ZONE = f"{CALDAV}calendar-timezone"
COMPONENTS = f"{CALDAV}supported-calendar-component-set"


def answer(request: Request, account: Account, world: World) -> Answer:
    asked = markup.parse(request.body) if request.body.strip() else None
    if request.method == "PROPPATCH":
        return _patch(request, asked, world)
    if request.method == "MKCOL" and not request.is_trusted:
        raise Refusal(403)
    path = request.path.rstrip("/") + "/"
    if not path.startswith(account.home) or path.count("/") != account.home.count("/") + 1:
        raise Refusal(403)
    if path in account.calendars:
        raise Refusal(405)
    kind: Kind = "other" if request.method == "MKCOL" else "events"
    calendar = Calendar(path, "", world.new_collection(), kind)
    if asked is not None:
        _set(calendar, asked)
    if calendar.components == ("VTODO",):
        calendar.kind = "reminders"
    account.calendars[path] = calendar
    return Answer(201)


def _set(calendar: Calendar, asked: Element) -> list[str]:
    """Give a calendar the properties a request sets; returns their names."""
    props = list(asked.iterfind(f"{DAV}set/{DAV}prop/*"))
    for prop in props:
        text = (prop.text or "").strip()
        match prop.tag:
            case tag if tag == NAME:
                calendar.title = text
            case tag if tag == COLOR:
                calendar.color = text
            case tag if tag == ORDER and text.lstrip("-").isdecimal():
                calendar.order = int(text)
            case tag if tag == ZONE:
                calendar.time_zone = text
            case tag if tag == COMPONENTS:
                calendar.components = tuple(comp.get("name") for comp in prop.iterchildren("*"))
            case tag if tag == f"{DAV}resourcetype":
                types = (str(each.tag) for each in prop.iterchildren("*"))
                calendar.types = tuple(each for each in types if each != f"{DAV}collection")
    return [str(prop.tag) for prop in props]


def _patch(request: Request, asked: Element | None, world: World) -> Answer:
    calendar = world.calendar_at(request.path)
    if calendar is None or asked is None:
        raise Refusal(400 if asked is None else 404)
    changed = _set(calendar, asked)
    stat = markup.propstat([element(tag) for tag in changed], "200 OK")
    return xml(207, multistatus([markup.response(calendar.path, stat)]))
