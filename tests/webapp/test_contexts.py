"""Each template has one typed context, and asks for nothing beside it."""

from __future__ import annotations

import dataclasses
import inspect

import pytest
from flask import Flask
from jinja2 import meta, nodes

from webapp import contexts, parts
from webapp.assets import folder

CLASSES = {
    *inspect.getmembers(contexts, dataclasses.is_dataclass),
    *inspect.getmembers(parts, dataclasses.is_dataclass),
}
CONTEXTS = [each for _, each in sorted(CLASSES) if isinstance(getattr(each, "template", None), str)]
GLOBALS = {"asset", "modules", "nonce", "render"}


def test_every_template_has_one_context() -> None:
    root = folder("templates")
    templates = {path.relative_to(root).as_posix() for path in root.rglob("*.html")} - {"base.html", "docs/page.html"}
    assert sorted(each.template for each in CONTEXTS) == sorted(templates)


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda each: each.__name__)
def test_templates_use_their_context_wholly_and_alone(app: Flask, context: type) -> None:
    assert app.jinja_env.loader
    names = _names(app, context.template)  # type: ignore[attr-defined]
    fields = {each.name for each in dataclasses.fields(context)}
    assert names <= fields | GLOBALS
    unused = fields - names - {"valid"}
    assert not unused, f"{context.__name__} has fields that its template does not show"


def _names(app: Flask, template: str) -> set[str]:
    assert app.jinja_env.loader
    source, _, _ = app.jinja_env.loader.get_source(app.jinja_env, template)
    tree = app.jinja_env.parse(source)
    names = set(meta.find_undeclared_variables(tree))
    for parent in tree.find_all(nodes.Extends):
        names |= _names(app, parent.template.value)  # type: ignore[attr-defined]
    return names
