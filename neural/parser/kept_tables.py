"""The grammar's tables, made once and kept between runs, so that a run that reads a right program needs no Lark."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from neural.cachedir import cache_directory
from neural.parser import tables
from neural.parser.tables import RuleRow, Tables


def grammar_tables(placed: Collection[str], same: Collection[str]) -> Tables:
    """Return the tables of the language; see ``tables_of``."""
    directory = cache_directory()
    path = directory / "tables.json" if directory else None
    key = [_made_by(), sorted(placed), sorted(same)]
    kept = _read(path, key) if path else None
    if kept is not None:
        return kept
    from neural.parser.grammar import shared_parser

    made = tables.tables_of(shared_parser(), placed, same)
    if path is not None:
        _write(path, json.dumps({"key": key, "tables": made}))
    return made


def _made_by() -> list[str]:
    """Return the texts that the tables follow from: the grammar, what writes them as tables, and Lark's version."""
    lark = find_spec("lark")  # finds it without importing it
    files = [tables.GRAMMAR, Path(tables.__file__), *([Path(lark.origin)] if lark and lark.origin else [])]
    return [file.read_text(encoding="utf-8") for file in files]


def _read(path: Path, key: object) -> Tables | None:
    """Return what is kept under a key; None where there is nothing, or something else."""
    try:
        kept = json.loads(path.read_bytes())
        if kept["key"] != key:
            return None
        found = Tables(*kept["tables"])
        return found._replace(rules=[RuleRow(*rule) for rule in found.rules])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(path: Path, text: str) -> None:
    """Keep a text, whole or not at all, whoever else writes or reads it now. That it cannot be kept is no error."""
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        mine.write_text(text, encoding="utf-8")
        mine.replace(path)
