"""Reads imports and keeps the walls of the house (docs/architecture.md)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [
    path
    for room in ("qontakmig", "projects", "mapping", "runs")
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts
]


def imports_of(path):
    """Names of all modules that a file imports, wherever in the file."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def offenders(inside, forbidden, allowed=()):
    def hit(name, prefixes):
        return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)

    return sorted(
        {
            f"{path.relative_to(ROOT)} imports {name}"
            for path in SOURCES
            if any(path.is_relative_to(ROOT / room) for room in inside)
            for name in imports_of(path)
            if hit(name, forbidden) and not hit(name, allowed)
        }
    )


PRODUCT = ("projects", "mapping", "runs", "qontakmig")


@pytest.mark.parametrize(
    ("inside", "forbidden", "allowed"),
    [
        (["mapping/core", "qontakmig/connectors", "mapping/proposer"], ["django"], []),
        (["mapping/core"], ["httpx", "requests", "random", "time", "socket"], []),
        (["qontakmig/connectors"], ["projects", "mapping", "runs"], []),
        (["projects"], ["mapping", "runs"], []),
        (["mapping"], ["runs"], []),
        (["qontakmig/simulators"], PRODUCT, ["qontakmig.simulators"]),
        (["projects", "mapping", "runs"], ["qontakmig.simulators"], ["qontakmig.simulators.serve"]),
    ],
)
def test_imports_point_in_one_direction(inside, forbidden, allowed):
    assert offenders(inside, forbidden, allowed) == []


def test_only_the_outbound_module_imports_the_http_library():
    found = offenders(["qontakmig", "projects", "mapping", "runs"], ["httpx"])

    assert {line.split(" ")[0] for line in found} <= {"qontakmig/connectors/outbound.py"}


def test_no_destination_is_named_outside_blueprints_and_connectors():
    """An ``if salesforce`` in the engine, the pages or the workbook is a design fault."""
    names = ("salesforce", "freshsales", "freshdesk")
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ("runs", "projects", "mapping")
        for path in sorted((ROOT / room).rglob("*.py"))
        if not {"migrations", "blueprints", "proposer"} & set(path.parts)
        and path.name not in {"systems.py"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and part.value.lower() in names
    ]

    assert found == []
