"""PUT, DELETE and MOVE of events: what changes a calendar, and all that can refuse it."""

from dataclasses import dataclass, field

from tests.fakes.icloud import bodies
from tests.fakes.icloud.bodies import Body
from tests.fakes.icloud.markup import CALDAV, DAV
from tests.fakes.icloud.messages import Answer, Refusal, Request
from tests.fakes.icloud.quirks import Quirks
from tests.fakes.icloud.state import Account, Calendar, Resource, World

COMPONENTS = {"events": {"VEVENT"}, "reminders": {"VTODO"}}
NEED_PRIVILEGES = f"{DAV}need-privileges"


@dataclass
class Writer:
    """Writes of one account. ``invited`` lists (path, number of attendees) of every event that
    made iCloud send invitations."""

    account: Account
    world: World
    quirks: Quirks
    invited: list[tuple[str, int]] = field(default_factory=list)

    def put(self, request: Request) -> Answer:
        calendar, name = self._place(request.path)
        ics = request.body.decode("utf-8", errors="replace")
        body = self._checked(ics, calendar)
        resource = calendar.collection.resources.get(name)
        self._condition(request, resource)
        self._free(request.path, calendar, name, body)
        if body.attendees:
            self.invited.append((request.path, body.attendees))
        stored = bodies.rewritten(body) if self.quirks.rewrites else ics
        etag = calendar.collection.next_etag()
        calendar.collection.resources[name] = Resource(
            stored, etag, bodies.uid_of(ics), withheld=self.quirks.body_lag
        )
        if self.quirks.etag_drifts:
            calendar.collection.resources[name].etag = calendar.collection.next_etag()
        calendar.collection.note(name, lag=self.quirks.listing_lag)
        return Answer(204 if resource else 201, b"", self._etag_header(etag))

    def delete(self, request: Request) -> Answer:
        calendar, name = self._place(request.path)
        resource = calendar.collection.resources.get(name)
        if request.depth and self.quirks.delete_refuses_depth:
            raise Refusal(400)
        if resource is None:
            raise Refusal(404)
        self._condition(request, resource)
        bury(self.account, calendar, name, lag=self.quirks.listing_lag)
        return Answer(204)

    def move(self, request: Request, to: str) -> Answer:
        """RFC 4918 9.9: the one way to another calendar that keeps the UID."""
        calendar, name = self._place(request.path)
        target, new_name = self._place(to)
        resource = calendar.collection.resources.pop(name, None)
        if resource is None:
            raise Refusal(404)
        if new_name in target.collection.resources:
            calendar.collection.resources[name] = resource
            raise Refusal(412)
        target.collection.resources[new_name] = resource
        resource.etag = target.collection.next_etag()
        calendar.collection.note(name, lag=0)
        target.collection.note(new_name, lag=0)
        return Answer(201)

    def _place(self, path: str) -> tuple[Calendar, str]:
        place = self.world.place_of(path)
        if place is None:
            raise Refusal(404)
        calendar, name = place
        if calendar.kind not in COMPONENTS or not calendar.can_write:
            raise Refusal(403, NEED_PRIVILEGES)
        return calendar, name

    def _checked(self, ics: str, calendar: Calendar) -> Body:
        if len(ics.encode()) > self.quirks.most_bytes:
            raise Refusal(403, f"{CALDAV}max-resource-size")
        body = bodies.read(ics)
        if body is None:
            raise Refusal(403, f"{CALDAV}valid-calendar-data")
        if len(body.uids) != 1 or "" in body.uids or body.method:
            raise Refusal(403, f"{CALDAV}valid-calendar-object-resource")
        if {part.name for part in body.parts} != COMPONENTS[calendar.kind]:
            raise Refusal(403, f"{CALDAV}supported-calendar-component")
        if body.attendees > self.quirks.most_attendees:
            raise Refusal(403, f"{CALDAV}max-attendees-per-instance")
        ends = all(part.has("DTEND") or part.has("DURATION") for part in body.parts)
        if calendar.kind == "events" and not ends and self.quirks.without_dtend:
            raise Refusal(self.quirks.without_dtend)
        return body

    def _condition(self, request: Request, resource: Resource | None) -> None:
        """RFC 9110 13.1, with ``If-Match: *`` the wrong way round."""
        if request.headers.get("if-none-match") == "*" and resource:
            raise Refusal(412)
        expected = request.headers.get("if-match", "")
        if expected == "*":
            holds = (resource is None) is self.quirks.if_match_star_is_backwards
        elif expected:
            holds = resource is not None and resource.etag == expected
        else:
            is_devices = resource is not None and resource.is_from_device
            holds = not (is_devices and self.quirks.device_wins)
        if not holds:
            raise Refusal(412)

    def _free(self, path: str, calendar: Calendar, name: str, body: Body) -> None:
        """Nothing else has this UID, and neither it nor the name was deleted before."""
        uid = next(iter(body.uids))
        is_new = name not in calendar.collection.resources
        buried = name in calendar.collection.tombstones or uid in self.account.buried_uids
        if is_new and buried and self.quirks.tombstones:
            raise Refusal(412)
        taken = self.account.where_is(uid)
        renamed = not is_new and calendar.collection.resources[name].uid != uid
        if (taken and taken != path) or renamed:
            raise self._conflict(taken or path)

    def _conflict(self, standing: str) -> Refusal:
        named = {
            "no-uid-conflict": f"{CALDAV}no-uid-conflict",
            "unique-scheduling-object-resource": (f"{CALDAV}unique-scheduling-object-resource"),
            "bare": "",
        }
        return Refusal(403, named[self.quirks.uid_conflict], Location=standing)

    def _etag_header(self, etag: str) -> dict[str, str]:
        if self.quirks.put_etag == "none":
            return {}
        return {"ETag": f"W/{etag}" if self.quirks.put_etag == "weak" else etag}


def bury(account: Account, calendar: Calendar, name: str, *, lag: int = 0) -> None:
    """Delete an event; its name and UID will not be taken again."""
    resource = calendar.collection.resources.pop(name)
    calendar.collection.tombstones.add(name)
    account.buried_uids.add(resource.uid)
    calendar.collection.note(name, lag=lag)


def store(account: Account, calendar: Calendar, name: str, ics: str) -> str:
    """What a device of the person's own does: it meets no refusal. Returns the ETag."""
    collection = calendar.collection
    etag, uid = collection.next_etag(), bodies.uid_of(ics)
    collection.tombstones.discard(name)
    account.buried_uids.discard(uid)
    collection.resources[name] = Resource(ics, etag, uid, is_from_device=True)
    collection.show(name)
    return etag
