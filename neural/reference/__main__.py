"""Writes the pages of ``docs/layers/``, or of the folder named: ``python -m neural.reference [FOLDER]``."""

from __future__ import annotations

import sys
from pathlib import Path

from neural.reference.markdown import pages


def main(folder: Path) -> None:
    """Write every page, and remove those of layers that are no more."""
    written = pages()
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2] or ["docs/layers"]))
