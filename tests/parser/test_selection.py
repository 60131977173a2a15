"""One network is cut out of a file as tidy text, with what it needs and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import neural
from neural.compiler import Compiler
from neural.parser.parser import parse
from neural.parser.selection import networks

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.neural"))

FILE = """\
# A family of two. https://example.org
# It has a second line.
let width = 8 in 4..16
let depth = 2

# What both are made of.
define Unit(n) {
    Dense(n, "relu")
}

# Only the large one repeats it.
define Stack(n) {
    Unit(n) * depth
}

network Small {
    input: (width,)

    layers:
        Unit(4)  # the only one
}  # small

# The large one.
network Large {
    input: (8,)

    layers:
        Stack(16)
}
"""

SMALL = """\
# A family of two. https://example.org
# It has a second line.
let width = 8 in 4..16

# What both are made of.
define Unit(n) {
    Dense(n, "relu")
}

network Small {
    input: (width,)

    layers:
        Unit(4)  # the only one
}  # small
"""

LARGE = """\
# A family of two. https://example.org
# It has a second line.
let depth = 2

# What both are made of.
define Unit(n) {
    Dense(n, "relu")
}

# Only the large one repeats it.
define Stack(n) {
    Unit(n) * depth
}

# The large one.
network Large {
    input: (8,)

    layers:
        Stack(16)
}
"""


@pytest.mark.parametrize(("name", "text"), [("Small", SMALL), ("Large", LARGE)])
def test_a_network_is_cut_out_with_what_it_needs(name: str, text: str) -> None:
    assert Compiler().extract(FILE, name) == text
    assert Compiler().extract(text, name) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "network A { input: (2,) layers: Dense(1) } network B { input: (2,) layers: Dense(1) }",
            "network A { input: (2,) layers: Dense(1) }\n",
        ),
        (
            "network B { input: (2,) layers: Dense(1) } # of B\n\n\nnetwork A { input: (2,) layers: Dense(1) }",
            "network A { input: (2,) layers: Dense(1) }\n",
        ),
        (
            "# head\nnetwork B { input: (2,) layers: Dense(1) }\nnetwork A { input: (2,) layers: Dense(1) }\n",
            "# head\n\nnetwork A { input: (2,) layers: Dense(1) }\n",
        ),
        (
            'research Notes { paper { title: "A" } }\nnetwork A { input: (2,) layers: Dense(1) }\n',
            'research Notes { paper { title: "A" } }\nnetwork A { input: (2,) layers: Dense(1) }\n',
        ),
    ],
    ids=["one line", "trailing comment", "opening comment", "notes"],
)
def test_other_layouts(source: str, text: str) -> None:
    found = Compiler().extract(source, "A")
    assert found.split() == text.split()
    assert "\n\n\n" not in found
    assert neural.analyze(found).ok


@pytest.mark.parametrize(("source", "name"), [(FILE, "Other"), ("network A {", "A"), ("", "A")])
def test_what_is_not_there_cannot_be_cut_out(source: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"no network|cannot be read"):
        Compiler().extract(source, name)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_networks_of_the_gallery_stay_as_they_are(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    program = parse(source).program
    assert program is not None
    for name in networks(program):
        text = Compiler().extract(source, name)
        assert Compiler().format(text) == text
        kept = parse(text).program
        assert kept is not None
        assert networks(kept) == (name,)
        whole, alone = Compiler().analyze(source, network=name), Compiler().analyze(text)
        assert (alone.network, alone.totals, len(alone.layers)) == (name, whole.totals, len(whole.layers))
        assert alone.ok
