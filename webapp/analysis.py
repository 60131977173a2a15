"""The report of a source, and the words and names that go with it."""

from __future__ import annotations

import re
from typing import Final

from neural.compiler import default_compiler
from neural.cost.report import Report
from webapp.settings import Settings

BACKENDS: Final = {"pytorch": "PyTorch", "tensorflow": "Keras"}

FORMS: Final = {
    "script": ("Script", "the model, and how to train it (.py)"),
    "model": ("Model alone", "to import, without training (.py)"),
    "notebook": ("Notebook", "for Jupyter and Colab (.ipynb)"),
    "project": ("Project", "model, training, tests and requirements (.zip)"),
}
"""What each form of code is called, and what is in it."""

LARGEST_DRAWN: Final = 1_000
"""Layers that the table, the charts and the diagram show; the totals and the files are always of all."""

LARGEST_PRINTED: Final = 5_000
"""Layers up to which the page shows the code; a larger one can be downloaded."""


def run(source: str, settings: Settings) -> Report:
    """Return the report of a source."""
    return default_compiler().analyze(
        source,
        framework=settings.framework,
        batch=settings.batch,
        dtype=settings.dtype,
        optimizer=settings.optimizer or None,
        device=settings.device or None,
    )


def clean_filename(name: str) -> str:
    """Return ``name`` as a file name of 1 to 64 ASCII letters, digits, ``_`` and ``-``."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:64].strip("_") or "model"


def filename(report: Report) -> str:
    """Return the name that a download of this network has, without its ending."""
    return clean_filename(report.network or "")
