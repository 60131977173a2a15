"""Diagnostics as SARIF 2.1.0, which code hosts and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any, Final

from neural.diagnostics import CODES, Diagnostic, Edit, Span
from neural.version import __version__

_LEVELS: Final = {"error": "error", "warning": "warning", "hint": "note"}


def sarif(found: Iterable[tuple[str, tuple[Diagnostic, ...]]]) -> dict[str, Any]:
    """Return one run over files, each with its diagnostics."""
    driver = {
        "name": "neural",
        "version": __version__,
        "rules": [{"id": code, "shortDescription": {"text": title}} for code, title in CODES.items()],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(each, name) for name, diagnostics in found for each in diagnostics],
            }
        ],
    }


def _result(diagnostic: Diagnostic, name: str) -> dict[str, Any]:
    text = f"{diagnostic.message}\n{diagnostic.help}" if diagnostic.help else diagnostic.message
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(diagnostic.span, name)}],
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {"message": {"text": each.message}, "physicalLocation": _location(each.span, name)}
            for each in diagnostic.related
        ]
    if diagnostic.fixes:
        result["fixes"] = [
            {
                "description": {"text": fix.title},
                "artifactChanges": [
                    {"artifactLocation": _artifact(name), "replacements": [_replacement(edit) for edit in fix.edits]}
                ],
            }
            for fix in diagnostic.fixes
        ]
    return result


def _location(span: Span, name: str) -> dict[str, Any]:
    return {"artifactLocation": _artifact(name), "region": _region(span)}


def _artifact(name: str) -> dict[str, str]:
    return {"uri": PurePath(name).as_posix()}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _replacement(edit: Edit) -> dict[str, Any]:
    return {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
