"""What is said on the command line, as values."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from tests.fakes.icloud.faults import Faults, Misdeed
from tests.fakes.icloud.quirks import Quirks

ABOUT = """\
An iCloud one can run at home: CalDAV over plain HTTP on 127.0.0.1, with what iCloud does
differently. Any calendar program can sign in; nothing leaves this machine.
"""
EXAMPLES = """\
examples:
  python -m tests.fakes.icloud
  python -m tests.fakes.icloud --user ben@icloud.test:zyxw-vuts-rqpo-nmlk --folder ~/fake-icloud
  python -m tests.fakes.icloud --quirk put_etag=none --quirk expired_token=full
  python -m tests.fakes.icloud --faults faults.json

faults.json: the second PUT is answered with 503, and every answer below a path comes late
  [{"method": "PUT", "nth": 2, "do": {"status": 503, "headers": {"Retry-After": "2"}}},
   {"path": "/10000001/calendars/work/", "times": 1000, "do": {"delay": 3}}]

docs/icloud-simulator.md says what is imitated and where each quirk was seen.
"""
ANA = "ana@icloud.test:abcd-efgh-ijkl-mnop"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "python -m tests.fakes.icloud",
        description=ABOUT,
        epilog=f"{EXAMPLES}\nquirks, with iCloud's own behaviour as it is preset:\n{_quirks()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--port", type=int, default=5280, help="where clients begin (5280)")
    made.add_argument(
        "--partition-port", type=int, default=5281, help="where calendars are said to live (5281)"
    )
    made.add_argument("--folder", type=Path, help="keep accounts and events there between runs")
    made.add_argument(
        "--user",
        action="append",
        metavar="NAME:PASSWORD",
        help=f"an account, with an app-specific password; may be given again ({ANA})",
    )
    made.add_argument(
        "--quirk", action="append", default=[], metavar="NAME=VALUE", help="see below"
    )
    made.add_argument("--faults", type=Path, metavar="FILE", help="what goes wrong, as JSON")
    made.add_argument("--quiet", action="store_true", help="do not list the requests")
    return made


def accounts(given: Sequence[str]) -> list[tuple[str, str]]:
    """Name and password of each. Raises ValueError in words."""
    pairs = [each.partition(":") for each in given or [ANA]]
    for name, _, password in pairs:
        if not name or not password:
            raise ValueError(f"--user takes NAME:PASSWORD, not {name!r}.")
    return [(name, password) for name, _, password in pairs]


def quirks(given: Sequence[str]) -> Quirks:
    """The preset ones with these changes. Raises ValueError in words."""
    changed: dict[str, Any] = {}
    kinds = get_type_hints(Quirks)
    for each in given:
        name, _, value = each.partition("=")
        if name not in kinds:
            raise ValueError(f"There is no quirk {name!r}.")
        changed[name] = _value(name, value, kinds[name])
    return Quirks(**changed)


def faults(file: Path) -> Faults:
    """The script in a file. Raises ValueError in words."""
    script = Faults()
    try:
        for rule in json.loads(file.read_text()):
            do = dict(rule.pop("do"))
            script.add(Misdeed(**{**do, "body": str(do.get("body", "")).encode()}), **rule)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise ValueError(f"{file} is no list of faults: {wrong}") from wrong
    return script


def _value(name: str, value: str, kind: Any) -> Any:
    if kind is bool and value in {"on", "off"}:
        return value == "on"
    if kind is int and value.isdecimal():
        return int(value)
    if kind is str or value in get_args(kind):
        return value
    raise ValueError(f"{name} takes {_choices(kind)}, not {value!r}.")


def _choices(kind: Any) -> str:
    if kind is bool:
        return "on, off"
    return ", ".join(repr(each) for each in get_args(kind)) or kind.__name__


def _quirks() -> str:
    preset, kinds = Quirks(), get_type_hints(Quirks)
    return "\n".join(
        f"  {field.name}={_said(getattr(preset, field.name))}  ({_choices(kinds[field.name])})"
        for field in fields(Quirks)
    )


def _said(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
