"""The ``neural`` command: finds the verb, and imports only what that verb needs."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Final, cast

import click

from neural.version import __version__

#: Every verb with its line of help; ``commands/<verb>.py`` is imported when the verb is used.
VERBS: Final[Mapping[str, str]] = {
    "check": "Report what is wrong with programs.",
    "summary": "Show the shapes, parameters, FLOPs and memory of a network.",
    "compile": "Write a network as PyTorch or Keras source, or as an ONNX file.",
    "verify": "Build a network in PyTorch and Keras, and compare what they compute.",
    "visualize": "Draw a network and its costs.",
    "fmt": "Write programs in the one canonical layout.",
    "serve": "Serve the playground.",
    "profile": "Show how long each stage of an analysis takes.",
    "clean": "Remove what was kept between runs.",
    "version": "Show the versions of Neural and of what it works with.",
}

#: What keeps each framework from finding an accelerator; read when the framework is first imported.
CPU_ONLY: Final[Mapping[str, str]] = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "HIP_VISIBLE_DEVICES": "-1",
    "JAX_PLATFORMS": "cpu",
}


class Verbs(click.Group):
    """A group whose commands are modules, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"neural.cli.commands.{cmd_name}")
        return cast(click.Command, module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=Verbs,
    # Never run: they are here for the suggestions that click makes for a misspelt verb.
    commands={verb: click.Command(verb) for verb in VERBS},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--cpu", is_flag=True, help="Hide accelerators from every framework.")
@click.option("--cache/--no-cache", default=None, help="Keep answers between runs, as it is by default, or do not.")
@click.version_option(__version__, prog_name="neural", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context, cpu: bool, cache: bool | None) -> None:
    """Design neural networks as text: true shapes and costs, and code that runs.

    A FILE of "-" is the standard input.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False
    if cpu:
        os.environ.update(CPU_ONLY)
    if cache is not None:
        os.environ["NEURAL_CACHE"] = "1" if cache else "0"
