"""What code tells people in words that nobody can translate."""

import ast
from collections.abc import Iterable, Iterator

from tests.words.catalogs import CALLS

_LEVELS = {"debug", "info", "success", "warning", "error", "add_message"}


def bare_messages(module: str) -> list[str]:
    """Texts of `messages` that are not marked, and marked ones that are filled in before anybody
    looks for them, as they are written there."""
    statements = ast.parse(module).body
    everywhere = _named(statements)
    return [
        ast.unparse(text)
        for statement in statements
        for text in _bare(statement, everywhere | _named(ast.walk(statement)))
    ]


def _named(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that are given to texts there."""
    return {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and _is_written_out(node.value, set())
    }


def _bare(statement: ast.stmt, named: set[str]) -> Iterator[ast.expr]:
    for call in ast.walk(statement):
        if not isinstance(call, ast.Call):
            continue
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        match call.func:
            case ast.Attribute(ast.Name("messages"), level) if level in _LEVELS:
                yield from (text for text in given if _is_written_out(text, named))
            case ast.Name(name) if name in CALLS:
                yield from (text for text in given if isinstance(text, ast.JoinedStr))


def _is_written_out(text: ast.expr, named: set[str]) -> bool:
    match text:
        case ast.JoinedStr() | ast.Constant(str()):
            return True
        case ast.Name(name):
            return name in named
        case ast.BinOp(left, _, right):
            return _is_written_out(left, named) or _is_written_out(right, named)
        case ast.IfExp(_, body, orelse):
            return _is_written_out(body, named) or _is_written_out(orelse, named)
        case _:
            return False
