"""Accounts and calendars in a file, for a server that is to find them again."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.fakes.icloud.state import Account, Calendar, Collection, Resource, World

FILE = "icloud.json"


def save(world: World, folder: Path) -> None:
    """Write everything anew; what was there before stays until that is done."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{FILE}.new"
    fresh.write_text(json.dumps(_plain(world)))
    fresh.replace(folder / FILE)


def load(folder: Path) -> World:
    """What was saved there, or a world without anybody."""
    file = folder / FILE
    return _world(json.loads(file.read_text())) if file.exists() else World()


def _plain(world: World) -> dict[str, Any]:
    accounts = {account.number: account for account in world.accounts.values()}
    shown = [c.collection for a in accounts.values() for c in a.calendars.values()]
    return {
        "counted": [world.collections, world.partition],
        "collections": [_listed(asdict(c)) for c in {c.number: c for c in shown}.values()],
        "accounts": [
            _listed(asdict(account))
            | {
                "calendars": [
                    asdict(calendar) | {"collection": calendar.collection.number}
                    for calendar in account.calendars.values()
                ]
            }
            for account in accounts.values()
        ],
        "names": {name: account.number for name, account in world.accounts.items()},
    }


def _world(kept: dict[str, Any]) -> World:
    collections = {each["number"]: _collection(each) for each in kept["collections"]}
    accounts = {each["number"]: _account(each, collections) for each in kept["accounts"]}
    names = {name: accounts[number] for name, number in kept["names"].items()}
    return World(names, *kept["counted"])


def _collection(kept: dict[str, Any]) -> Collection:
    resources = {name: Resource(**each) for name, each in kept["resources"].items()}
    changes = [(revision, name) for revision, name in kept["changes"]]
    sets = {name: set(kept[name]) for name in ("tombstones", "unlisted")}
    return Collection(**{**kept, "resources": resources, "changes": changes, **sets})


def _account(kept: dict[str, Any], collections: dict[int, Collection]) -> Account:
    calendars = {
        each["path"]: Calendar(
            **{
                **each,
                "collection": collections[each["collection"]],
                "components": tuple(each["components"]),
                "types": tuple(each["types"]),
            }
        )
        for each in kept["calendars"]
    }
    own = {"calendars": calendars, "buried_uids": set(kept["buried_uids"])}
    return Account(**{**kept, **own, "aliases": tuple(kept["aliases"])})


def _listed(plain: dict[str, Any]) -> dict[str, Any]:
    """JSON has no sets."""
    return {key: sorted(value) if isinstance(value, set) else value for key, value in plain.items()}
