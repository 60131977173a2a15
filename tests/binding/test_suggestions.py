"""Misspelt names: the nearest that is known is suggested, as a fix."""

from __future__ import annotations

import pytest

import neural
from neural.layers.catalogue import LAYERS, find
from neural.training_names import LOSSES, METRICS, OPTIMIZERS, SCHEDULES, TRAIN, Entry
from tests.binding.programs import probe, section


def titles(source: str) -> set[str]:
    return {fix.title for each in neural.analyze(source).diagnostics for fix in each.fixes}


def lost_letters(name: str) -> list[str]:
    """Return a name without each of its letters in turn; digits and underscores stay."""
    return [name[:at] + name[at + 1 :] for at in range(len(name)) if name[at].isalpha()]


@pytest.mark.parametrize("name", [name for name in LAYERS if len(name) > 4])
def test_a_layer_that_lost_a_letter_is_suggested(name: str) -> None:
    for damaged in lost_letters(name):
        if find(damaged) is None:
            assert f"write `{name}`" in titles(probe(f"{damaged}(3)")), damaged


@pytest.mark.parametrize("name", LAYERS)
def test_an_argument_that_lost_a_letter_is_suggested(name: str) -> None:
    arguments = LAYERS[name].arguments()
    known = {*arguments, *(alias for each in arguments.values() for alias in each.aliases), "name", "shared"}
    for argument in arguments:
        for damaged in lost_letters(argument) if len(argument) > 4 else []:
            if damaged not in known:
                assert f"write `{argument}`" in titles(probe(f"{name}({damaged}=3)")), damaged


@pytest.mark.parametrize(
    ("what", "name"),
    [(what, name) for what, entries in (("loss", LOSSES), ("metrics", METRICS), ("optimizer", OPTIMIZERS))
     for name in entries if len(name) > 4],
)  # fmt: skip
def test_a_loss_metric_or_optimizer_that_lost_a_letter_is_suggested(what: str, name: str) -> None:
    entries: dict[str, Entry] = {"loss": LOSSES, "metrics": METRICS, "optimizer": OPTIMIZERS}[what]  # type: ignore[assignment]
    known = {spelling.lower() for entry in entries.values() for spelling in (entry.name, *entry.aliases)}
    for damaged in lost_letters(name):
        if damaged.lower() not in known:
            found = titles(section(f"{what}: {damaged}"))
            assert {f"write {name}", f"write `{name}`"} & found, damaged


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_that_lost_a_letter_is_suggested(name: str) -> None:
    for damaged in lost_letters(name):
        found = titles(section(f"optimizer: SGD(learning_rate={damaged}(0.1, 10, 0.9))"))
        assert {f"write {name}", f"write `{name}`"} & found, damaged


@pytest.mark.parametrize("name", TRAIN)
def test_a_key_that_lost_a_letter_is_suggested(name: str) -> None:
    for damaged in lost_letters(name):
        assert f"write `{name}`" in titles(section(f"train {{ {damaged}: 3 }}")), damaged


SECTIONS = ("input", "layers", "output", "loss", "optimizer", "metrics", "train", "execution")


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_that_lost_a_letter_is_suggested(name: str) -> None:
    texts = {
        "input": "input: (6,)", "layers": "layers: Dense(2)", "output": "output: a", "loss": "loss: mse",
        "optimizer": "optimizer: Adam", "metrics": "metrics: [mae]", "train": "train { epochs: 3 }",
        "execution": 'execution { device: "cpu" }',
    }  # fmt: skip
    for damaged in lost_letters(name)[1:]:
        lines = ["input: (6,)", "layers: a = Dense(2)"]
        broken = texts[name].replace(name, damaged)
        body = [broken if line.startswith(name) else line for line in lines]
        body += [] if broken in body else [broken]
        assert f"write `{name}`" in titles("network A {\n  " + "\n  ".join(body) + "\n}\n"), damaged


NAMES: list[tuple[str, str]] = [
    # a program, and the suggestion
    (probe("Dense(wdth)", top="let width = 8\n"), "width"),
    (probe("alpha = Dense(6) Add()(apha, input)"), "alpha"),
    (probe("Add()(inptu, input)"), "input"),
    (probe("Blok()", top="define Block { Dense(6) }\n"), "Block"),
    (probe("Block(unts=3)", top="define Block(units) { Dense(units) }\n"), "units"),
    (probe("TransformrEncoder(2, 8)", "(5, 8)"), "TransformerEncoder"),
    (probe("Residul() { Dense(6) }"), "Residual"),
    (probe("Paralel() { a: { Dense(6) } b: { } }"), "Parallel"),
    (probe("imag: { Dense(3) }", "{ image: (4,) }"), "image"),
    (probe("alpha = Dense(6)\n  output: alph"), "alpha"),
    (section("execution { devce: cpu }"), "device"),
    ("netwrk A { input: (6,) layers: Dense(2) }", "network"),
    ("defne A { Dense(2) } network B { input: (6,) layers: Dense(2) }", "define"),
    ("reserch A { metrics { accuracy: 1 } }", "research"),
]


@pytest.mark.parametrize(("source", "name"), NAMES)
def test_names_of_programs_are_suggested(source: str, name: str) -> None:
    assert f"write `{name}`" in titles(source)


FAR: list[str] = [
    probe("Xyzzy()"), probe("Dense(8, xyzzy=1)"), section("loss: xyzzy"), section("train { xyzzy: 3 }"),
    section("xyzzy: 3"), probe("Add()(xyzzy, input)"),
]  # fmt: skip


@pytest.mark.parametrize("source", FAR)
def test_a_name_that_is_near_to_nothing_has_help_instead(source: str) -> None:
    (found,) = neural.analyze(source).diagnostics
    assert found.fixes == ()
    assert found.help
    assert "did you mean" not in found.help
