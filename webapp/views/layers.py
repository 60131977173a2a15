"""The reference: an index by family, a page a layer, and a page a block of the standard library."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, abort, redirect
from werkzeug.wrappers import Response as BaseResponse

from neural.reference import blocks, facts
from webapp import share
from webapp.contexts import BlockPageContext, LayerLink, LayerPageContext, LayersPageContext, render
from webapp.views.playground import TITLE

blueprint = Blueprint("layers", __name__, url_prefix="/layers")

DESCRIPTION: Final = "Every layer of the Neural language: arguments, shapes, weights, costs, PyTorch and Keras code."
BLOCKS: Final = "Blocks"


@blueprint.get("")
def index() -> Response:
    """Return the page that lists every layer by family, and the blocks."""
    families = [(family, tuple(map(_layer_link, layers))) for family, layers in facts.names().items()]
    families.append((BLOCKS, tuple(map(_block_link, blocks.names()))))
    context = LayersPageContext(f"Layers · {TITLE}", DESCRIPTION, tuple(families))
    return Response(render(context), mimetype="text/html")


@blueprint.get("/<name>")
def page(name: str) -> BaseResponse:
    """Return the page of a layer or a block; any other spelling of it leads there."""
    layer, block = facts.find(name), blocks.find(name)
    canonical = layer or block
    if canonical is None:
        abort(404, _unknown(name))
    if canonical != name:
        return redirect(f"/layers/{canonical}", 301)
    context = _layer(canonical) if layer else _block(canonical)
    return Response(render(context), mimetype="text/html")


def _layer(name: str) -> LayerPageContext:
    found = facts.facts(name)
    siblings = tuple(each for each in facts.names()[found.family] if each != name)
    address = f"/?z={share.encode(found.program)}"
    return LayerPageContext(f"{name} · {TITLE}", found.sentence.replace("`", ""), found, siblings, address)


def _block(name: str) -> BlockPageContext:
    found = blocks.block_facts(name)
    siblings = tuple(each for each in blocks.names() if each != name)
    return BlockPageContext(f"{name} · {TITLE}", found.sentence, BLOCKS, found, siblings)


def _layer_link(name: str) -> LayerLink:
    return LayerLink(name, facts.sentence(name), facts.spellings(name))


def _block_link(name: str) -> LayerLink:
    return LayerLink(name, blocks.block_facts(name).sentence, ())


def _unknown(name: str) -> str:
    similar = facts.similar(name, blocks.names())
    meant = f" Did you mean {' or '.join(similar)}?" if similar else ""
    return f"There is no layer of this name.{meant} The page /layers lists them all."
