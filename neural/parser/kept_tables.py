"""What Lark makes of the grammar, kept beside it, so that neither a run nor a parser has to make it again.

    python -m neural.parser.kept_tables

writes both files anew: the tables that the driver runs on, and the parser as Lark saves it. What was made of another
grammar, or by another release of Lark, is not read: then Lark makes it, as it did for the files.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from neural.parser import tables
from neural.parser.tables import RuleRow, Tables

if TYPE_CHECKING:
    from lark import Lark

TABLES: Final = Path(__file__).with_name("tables.json")
SAVED: Final = Path(__file__).with_name("saved.json")
_PAIRS: Final = "(pairs)"


def grammar_tables(placed: Collection[str], same: Collection[str]) -> Tables:
    """Return the tables of the language; see ``tables_of``."""
    kept = _read(TABLES, [made_of(), sorted(placed), sorted(same)])
    if kept is None:
        from neural.parser.grammar import shared_parser

        return tables.tables_of(shared_parser(), placed, same)
    found = Tables(*kept)
    return found._replace(rules=[RuleRow(*rule) for rule in found.rules])


def saved_parser() -> Lark | None:
    """Return the parser that Lark saved; None where that is of another grammar or by another release."""
    import io
    import pickle

    from lark import Lark, __version__

    kept = _read(SAVED, [made_of(), __version__])
    return None if kept is None else Lark.load(io.BytesIO(pickle.dumps(_unpaired(kept))))


def made_of() -> str:
    """Return what is another for every change of the grammar, or of how it is written as tables."""
    texts = (tables.GRAMMAR.read_bytes(), Path(tables.__file__).read_bytes())
    return " ".join(f"{len(text)}:{zlib.crc32(text):08x}" for text in texts)


def _read(path: Path, key: object) -> Any | None:
    """Return what a file keeps under a key; None where it is not there, or of another."""
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return kept["kept"] if kept["key"] == key else None


def _paired(value: Any) -> Any:
    """Return a value as JSON can hold it: dictionaries by numbers as pairs."""
    if isinstance(value, dict):
        items = {key: _paired(each) for key, each in value.items()}
        return items if all(isinstance(key, str) for key in items) else {_PAIRS: [*items.items()]}
    return [_paired(each) for each in value] if isinstance(value, list | tuple) else value


def _unpaired(value: Any) -> Any:
    if isinstance(value, dict):
        items = value[_PAIRS] if _PAIRS in value else value.items()
        return {key: _unpaired(each) for key, each in items}
    return [_unpaired(each) for each in value] if isinstance(value, list) else value


def _write() -> None:
    import io
    import pickle

    from lark import __version__

    from neural.parser.actions import ITEMS, SAME, STATEMENTS
    from neural.parser.grammar import built_parser

    lark, saved, placed = built_parser(), io.BytesIO(), ITEMS | STATEMENTS
    lark.save(saved)
    made = tables.tables_of(lark, placed, SAME)
    for path, key, kept in (
        (TABLES, [made_of(), sorted(placed), sorted(SAME)], made),
        (SAVED, [made_of(), __version__], _paired(pickle.loads(saved.getvalue()))),
    ):
        text = json.dumps({"key": key, "kept": kept}, separators=(",", ":"))
        path.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
