"""What a training part takes: the parameters of ``train`` and the options of the command line, one for one.

The defaults stand in the signature alone: an option that is not given is not handed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from neural.code_generation.training import Recipe, array_names
from neural.code_generation.writer import Writer, literal


@contextmanager
def signature(writer: Writer, recipe: Recipe, result: str, further: Mapping[str, str | None]) -> Iterator[None]:
    """Write the head of ``train`` and, within, its body; ``further`` holds parameters of a backend's own."""
    writer.section()
    writer.line("def train(")
    given = ("epochs", "batch_size", "seed")
    parameters = ["data: str | None = None", *(f"{name}: int = {recipe.settings[name]}" for name in given)]
    parameters += [
        f"{name}: str = {literal(value)}" if value else f"{name}: str | None = None" for name, value in further.items()
    ]
    parameters += ["checkpoint: str | None = None", "resume: bool = False"]
    writer.lines(f"    {parameter}," for parameter in parameters)
    with writer.block(f") -> {result}:"):
        writer.line('"""Return the network trained on a data file, or without one on synthetic data."""')
        yield


@contextmanager
def command_line(writer: Writer, recipe: Recipe, devices: str) -> Iterator[None]:
    """Write the options and, within, what is done with them: those that were given are in ``arguments``.

    ``devices`` names some for the help.
    """
    writer.use("import argparse")
    writer.section()
    with writer.block('if __name__ == "__main__":'):
        writer.line("parser = argparse.ArgumentParser(argument_default=argparse.SUPPRESS)")
        writer.line(f'parser.add_argument("--data", help="an .npz file: {array_names(recipe)}")')
        for name in ("epochs", "batch-size", "seed"):
            writer.line(f'parser.add_argument("--{name}", type=int)')
        writer.line(f'parser.add_argument("--device", help="{devices}, ...")')
        writer.line('parser.add_argument("--checkpoint", help="a file to save to after each epoch")')
        writer.line('parser.add_argument("--resume", action="store_true", help="go on from it")')
        writer.line("arguments = vars(parser.parse_args())")
        with writer.block('if "resume" in arguments and "checkpoint" not in arguments:'):
            writer.line('parser.error("--resume needs --checkpoint")')
        yield
