"""What each diagnostic code means: an explanation, a program that has it, and the program mended.

``docs/diagnostics.md`` is written from here, and tests run every example.
"""

from __future__ import annotations

from collections.abc import Mapping

from neural.diagnostics import CODES
from neural.records import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a code is reported, a program that has it (None where no short one can), and that program mended."""

    text: str
    example: str | None = None
    mended: str | None = None


def _net(body: str, shape: str = "(8,)", top: str = "") -> str:
    return f"{top}network Net {{\n    input: {shape}\n    layers:\n        {body}\n}}\n"


def _section(section: str) -> str:
    return f"network Net {{\n    input: (8,)\n    layers:\n        Dense(2)\n    {section}\n}}\n"


EXPLANATIONS: Mapping[str, Explanation] = {
    "N101": Explanation(
        "Something stands where the language expects something else: a missing comma or bracket, a keyword used as a "
        "name, a statement outside `layers:`. Reading goes on behind it.",
        _net("Dense(4 5)"),
        _net("Dense(4)"),
    ),
    "N102": Explanation(
        "The program ends although something is still open. The place is the end; the related place is the bracket "
        "that is open.",
        "network Net {\n    input: (8,)\n    layers:\n        Dense(2)\n",
        _net("Dense(2)"),
    ),
    "N103": Explanation(
        "Names, numbers and signs are ASCII. Typographic quotes, no-break spaces and look-alike letters are named, and "
        "replaced by the fix where it is clear what was meant. Strings and comments may hold any text but control "
        "characters.",
        _net("Dense(2, \u201crelu\u201d)"),
        _net('Dense(2, "relu")'),
    ),
    "N104": Explanation(
        "A string ends on the line where it begins, with the quote that it began with.",
        _net('Dense(2, "relu)'),
        _net('Dense(2, "relu")'),
    ),
    "N105": Explanation(
        "Integers are below 2**63, floats are finite, and a number has at most 20 characters. Arithmetic obeys the "
        "same bounds, and there is no division by zero.",
        _net("Dense(9 ** 99)"),
        _net("Dense(9 ** 2)"),
    ),
    "N106": Explanation(
        "Blocks, expressions and macros are nested at most 64 deep.",
        _net("Dense(" + "(" * 70 + "2" + ")" * 70 + ")"),
        _net("Dense(2)"),
    ),
    "N107": Explanation("A program has at most 256 KiB. Macros and repetition make long programs short."),
    "N201": Explanation(
        "No layer of the catalogue, no macro of the program and no block of the standard library has this name. Layers "
        "are read in any case, macros as they are written.",
        _net("Dens(2)"),
        _net("Dense(2)"),
    ),
    "N202": Explanation(
        "The layer, macro or function takes no argument of this name. Names are Keras 3's; PyTorch's are read too.",
        _net("Dense(2, activate='relu')"),
        _net("Dense(2, activation='relu')"),
    ),
    "N203": Explanation(
        "The value is outside what the argument accepts: another type, out of range, or none of the choices. Every "
        "alternative of a search value obeys the same rule.",
        _net("Dropout(1.5)"),
        _net("Dropout(0.5)"),
    ),
    "N204": Explanation(
        "An argument without a default is not given.", _net("Embedding(100)"), _net("Embedding(100, 8)")
    ),
    "N205": Explanation(
        "There are more positional values than arguments, or a positional value stands after a named one.",
        _net("Flatten(3)"),
        _net("Flatten()"),
    ),
    "N206": Explanation(
        "An argument is given twice, by position and by name or by two spellings.",
        _net("Dense(2, units=3)"),
        _net("Dense(units=3)"),
    ),
    "N207": Explanation(
        "A bare word in a value is a constant, a parameter or a loop's variable in scope. Text is quoted.",
        _net("Dense(width)"),
        _net("Dense(width)", top="let width = 8\n"),
    ),
    "N208": Explanation(
        "The expression has no value of the kind that is needed: arithmetic on text, a condition that is no truth "
        "value, `size(...)` of something that is no tensor, or a search value within another.",
        _net("Dense('a' + 1)"),
        _net("Dense(1 + 1)"),
    ),
    "N301": Explanation(
        "A network needs `input` and `layers`, and `layers` holds at least one layer.",
        "network Net {\n    layers:\n        Dense(2)\n}\n",
        _net("Dense(2)"),
    ),
    "N302": Explanation(
        "A section, or a key of a section, stands at most once.",
        _section("train { epochs: 1 epochs: 2 }"),
        _section("train { epochs: 2 }"),
    ),
    "N303": Explanation(
        "A network has the sections input, layers, output, loss, optimizer, metrics, train and execution.",
        _section('lose: "mse"'),
        _section('loss: "mse"'),
    ),
    "N304": Explanation(
        "The file holds no network, or none of the name asked for.", "let width = 8\n", _net("Dense(2)")
    ),
    "N305": Explanation(
        "Two things of one kind have the same name: labels of a block, constants, macros, inputs, layers named with "
        "`name=`; or a macro has the name of a layer.",
        _net("a = Dense(8)\n        a = Dense(2)"),
        _net("a = Dense(8)\n        b = Dense(2)"),
    ),
    "N306": Explanation(
        "A macro calls itself, directly or through others; the message names the chain.",
        _net("Block()", top="define Block { Dense(2) Block() }\n"),
        _net("Block()", top="define Block { Dense(2) }\n"),
    ),
    "N307": Explanation(
        "A statement reads a tensor that does not exist here, or another number of tensors than its layer takes.",
        _net("Add()"),
        _net("a = Dense(8)\n        Add()(a, input)"),
    ),
    "N308": Explanation(
        "A block stands where none belongs, is missing where one does, or ends in several tensors.",
        _net("Residual()"),
        _net("Residual() { Dense(8) }"),
    ),
    "N309": Explanation("A repetition is an integer of at least 1.", _net("Dense(2) * 0"), _net("Dense(2) * 2")),
    "N310": Explanation(
        "A network has at most 20,000 layers once macros, loops and repetition are written out. The count is worked "
        "out before anything is.",
        _net("Dense(2) * 1000000"),
        _net("Dense(2) * 100"),
    ),
    "N311": Explanation(
        "A statement has more labels than its layer has results. `Split` has one for each part; a recurrent layer has "
        "its states as further results with `return_state=true`.",
        _net("a, b = Dense(2)"),
        _net("a, b = Split(2)"),
    ),
    "N401": Explanation(
        "The layer does not fit what it reads. The message shows the arithmetic; what comes after it is unknown, "
        "not wrong.",
        _net("Conv2D(4, 5)", "(4, 4, 1)"),
        _net('Conv2D(4, 5, padding="same")', "(4, 4, 1)"),
    ),
    "N501": Explanation(
        "There is no loss, optimizer, schedule or metric of this name. Keras's names are read in any case, with or "
        "without underscores.",
        _section("optimizer: Adamm"),
        _section("optimizer: Adam"),
    ),
    "N502": Explanation(
        "A key of `train` or `execution` is unknown, its value is out of range, or a device has no such name.",
        _section("train { epochs: 0 }"),
        _section("train { epochs: 1 }"),
    ),
    "N601": Explanation(
        "The backend cannot express this layer or setting. The message says why, and what to use instead. Nothing is "
        "approximated silently."
    ),
    "N701": Explanation(
        "Another spelling is canonical: PyTorch's name of a layer or argument, `name: value` for `name=value`, an "
        "optimizer in quotes. The program means the same.",
        _net("Linear(2)"),
        _net("Dense(2)"),
    ),
    "N702": Explanation(
        "What is written is legal and probably not meant, such as an Output that reads a map instead of a vector, or a "
        "layer that no output depends on: its costs are counted, and generated code leaves it out.",
        _net("Output(2)", "(4, 4, 1)"),
        _net("Flatten()\n        Output(2)", "(4, 4, 1)"),
    ),
}


def page() -> str:
    """Return ``docs/diagnostics.md``: a section a code, in order."""
    head = (
        "# Diagnostics\n\nEvery report has a code that never changes its meaning. `error` stops code generation, "
        "`warning` and `hint` do not.\n"
    )
    return head + "".join(_page_section(code, title) for code, title in CODES.items())


def _page_section(code: str, title: str) -> str:
    explanation = EXPLANATIONS[code]
    text = f"\n## {code}\n\n**{title[0].upper()}{title[1:]}.** {explanation.text}\n"
    if explanation.example is not None:
        text += f"\n```\n{explanation.example}```\n"
    if explanation.mended is not None:
        text += f"\nMended:\n\n```neural\n{explanation.mended}```\n"
    return text


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
