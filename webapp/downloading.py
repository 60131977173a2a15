"""Generated code as a file to keep, in the forms that the compiler writes."""

from __future__ import annotations

from typing import Final

from flask import Response, abort

from neural.compiler import default_compiler
from neural.errors import NeuralError
from webapp import analysis
from webapp.responses import attachment
from webapp.settings import Settings

#: The form of a shared model's code, by the ending of its address.
BY_ENDING: Final = {"py": "script", "ipynb": "notebook", "zip": "project"}


def download(source: str, backend: str, form: str) -> Response:
    """Return code as an attachment; a program with errors has none."""
    if form not in analysis.FORMS:
        abort(400, f"form must be one of {', '.join(analysis.FORMS)}.")
    report = analysis.run(source, Settings())
    try:
        file = default_compiler().download(source, backend=backend, form=form)
    except NeuralError as error:
        abort(422, f"There is no code to download. {error.first}")
    kind = f"{file.media_type}; charset=utf-8" if file.media_type.startswith("text/") else file.media_type
    return attachment(file.content, f"{analysis.filename(report)[:48]}_{backend}{file.suffix}", kind)
