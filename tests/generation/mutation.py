"""Breaks programs: characters and words deleted, inserted, swapped, doubled and replaced, lines cut, texts spliced."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

_WORD = re.compile(r"#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z_]\w*|[\d.]*\d(?:e[+-]?\d+)?|\s+|\*\*|//|\.\.|.", re.DOTALL)

NAMES = (
    "network", "define", "let", "for", "in", "input", "layers", "output", "loss", "optimizer", "metrics", "train",
    "execution", "if", "else", "research", "Dense", "Desne", "Conv2D", "Residual", "Parallel", "HPO", "choice", "range",
    "LSTM", "Bidirectional", "size", "divisible", "max", "Add", "Concatenate", "x", "units", "true", "none", "Block_1",
    "TransformerEncoder", "Split", "Adam", "name", "shared", "merge", "Input", "TimeDistributed", "__class__",
)  # fmt: skip
NUMBERS = (
    "0", "1", "-1", "2", "0.5", "1e9", "1e-9", "1e999", "9223372036854775807", "9223372036854775808", "00", "1_000",
    "1..2", "..", ".", "3.", "1e", "99999999999999999999999", "2**63", "10**18", "1/0", "0x1F", "20001",
)  # fmt: skip
STRINGS = (
    '""',
    '"relu"',
    "'",
    '"',
    '"same',
    '"\\',
    '"\\"',
    "'it''s'",
    '"a\tb"',
    '"cuda:0"',
    '"💡"',
    '"' + "x" * 300 + '"',
)
CHARACTERS = (
    "()[]{},:;=*@#\"'\\.+-/%<>!? \n\r\t\f\0\x0b\x7f$&|^~`_aZ09éа（“”−×\u00a0\u200b\u202e\u2028\ufeff\ud800\U0001f4a1"
)
BRACKETS = "()[]{}"
#: What is written as in other languages: a pattern and what stands in its place.
HABITS = (
    (r"\)(?=[ \t]*\n)", "),"),
    (r"(?=\n)", " // don't {"),
    (r"(?=\n)", " /* why */"),
    (r"\n(?=[ \t]*[A-Z])", "\n-- why\n"),
    (r"\n[ \t]*(?=[A-Z])", "\n -> "),
    (r"\n[ \t]*(?=[A-Z])", "\n 3 * "),
    (r"\n[ \t]*(?=[A-Z])", "\n if a { Dense(3) } else "),
    (r"\(([^()]*)\)", r"[\1]"),
    (r"\(([^()]*)\)", r"{\1}"),
    (r"\(([^()]*)\)", r" \1"),
    (r"\(([^()]*)\)", r"([\1])"),
    (r":", " ="),
    (r"=", ":"),
    (r"=", "=>"),
    (r",", ";"),
    (r"layers:", "layers = ["),
    (r"(\w+)\.\.(\w+)", r"range(\1, \2)"),
    (r"\d+", r'"\g<0>"'),
    (r"['\"]\)", ")"),
    (r"\n[ \t]*(?=[A-Z])", "\n label: "),
)


def mutate(source: str, rng: Random, other: str = "") -> str:
    """Return a source broken in one place or a few; ``other`` is a text to splice with."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        source = rng.choice(_MUTATIONS)(source, rng)
        if other and rng.random() < 0.03:
            source = _spliced(source, other, rng)
    return source


def _at(text: str, rng: Random) -> int:
    return rng.randint(0, len(text))


def _delete_character(text: str, rng: Random) -> str:
    at = _at(text, rng)
    return text[:at] + text[at + 1 :]


def _insert_character(text: str, rng: Random) -> str:
    at = _at(text, rng)
    return text[:at] + rng.choice(CHARACTERS) + text[at:]


def _swap_characters(text: str, rng: Random) -> str:
    at = _at(text, rng)
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _cut(text: str, rng: Random) -> str:
    first, second = sorted((_at(text, rng), _at(text, rng)))
    return text[:first] + text[second:] if second - first < 400 else text[:second]


def _line(text: str, rng: Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = rng.randrange(len(lines))
    form = rng.randrange(4)
    if form == 0:
        del lines[at]
    elif form == 1:
        lines.insert(at, lines[rng.randrange(len(lines))])
    elif form == 2:
        lines[at] = lines[at][: rng.randint(0, len(lines[at]))]
    else:
        lines[at : at + 2] = reversed(lines[at : at + 2])
    return "".join(lines)


def _words(text: str, rng: Random, change: Callable[[list[str], int, Random], None]) -> str:
    words = _WORD.findall(text)
    solid = [index for index, word in enumerate(words) if not word.isspace()]
    if solid:
        change(words, rng.choice(solid), rng)
    return "".join(words)


def _change(change: Callable[[list[str], int, Random], None]) -> Callable[[str, Random], str]:
    return lambda text, rng: _words(text, rng, change)


def _delete_word(words: list[str], at: int, rng: Random) -> None:
    del words[at]


def _insert_word(words: list[str], at: int, rng: Random) -> None:
    words.insert(at, f" {rng.choice((*NAMES, *NUMBERS, *STRINGS, *BRACKETS, '..', '**', '=', ',', '@', '*'))} ")


def _swap_words(words: list[str], at: int, rng: Random) -> None:
    other = rng.randrange(len(words))
    words[at], words[other] = words[other], words[at]


def _double_word(words: list[str], at: int, rng: Random) -> None:
    words.insert(at, words[at] + rng.choice(("", " ")))


def _double_run(words: list[str], at: int, rng: Random) -> None:
    run = words[at : at + rng.randint(2, 12)]
    words[at:at] = run * rng.choice((1, 1, 5))


def _replace_word(words: list[str], at: int, rng: Random) -> None:
    word = words[at]
    kinds = NUMBERS if word[0].isdigit() else STRINGS if word[0] in "\"'" else NAMES if word[0].isalpha() else BRACKETS
    words[at] = rng.choice(kinds if rng.random() < 0.7 else (*NAMES, *NUMBERS, *STRINGS))


def _damage_bracket(words: list[str], at: int, rng: Random) -> None:
    places = [index for index, word in enumerate(words) if word in BRACKETS]
    if places:
        words[rng.choice(places)] = rng.choice(("", "", *BRACKETS, "((", "}}", "{ {"))


def _misspell(words: list[str], at: int, rng: Random) -> None:
    places = [index for index, word in enumerate(words) if word[0].isalpha()]
    if places:
        place = rng.choice(places)
        word = words[place]
        cut = rng.randrange(len(word))
        words[place] = word[:cut] + rng.choice(("", word[cut] * 2, "x", "Ω", "_")) + word[cut + 1 :]


def _nest(words: list[str], at: int, rng: Random) -> None:
    opening, closing = rng.choice(("()", "[]", "{}", ("Residual(){", "}"), ("-", ""), ("2**", "")))
    depth = rng.choice((1, 3, 70))
    words[at] = opening * depth + words[at] + closing * rng.choice((depth, depth - 1))


def _habit(text: str, rng: Random) -> str:
    pattern, written = rng.choice(HABITS)
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    match = rng.choice(found)
    return text[: match.start()] + match.expand(written) + text[match.end() :]


def _spliced(text: str, other: str, rng: Random) -> str:
    return text[: _at(text, rng)] + other[_at(other, rng) :]


_MUTATIONS: tuple[Callable[[str, Random], str], ...] = (
    _delete_character,
    _insert_character,
    _swap_characters,
    _cut,
    _line,
    _habit,
    *(
        _change(each)
        for each in (
            _delete_word, _insert_word, _swap_words, _double_word, _double_run, _replace_word, _damage_bracket,
            _misspell, _nest,
        )
    ),
)  # fmt: skip
