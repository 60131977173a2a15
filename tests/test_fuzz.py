"""Random programs, right and broken: nothing raises, diagnostics are declared and in place, formatting keeps programs.

`scripts/fuzz.py` does the same over as many sources as one likes.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Collection
from itertools import chain
from random import Random
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings

import neural
from neural.binding.macros import macro_names
from neural.diagnostics import CODES
from neural.layers.catalogue import LAYERS
from neural.parser.parser import create_parser, parse, shared_parser
from neural.syntax import (
    Binary,
    BranchStatement,
    Call,
    Define,
    ForStatement,
    InputSection,
    LayerStatement,
    Let,
    Literal,
    NetworkItem,
    OutputSection,
    Research,
    Sequence,
    SettingSection,
    Unary,
)
from neural.training_names import LOSSES, METRICS, OPTIMIZERS, SCHEDULES
from tests.generation.checks import check_any, check_right, commented
from tests.generation.statements import STANDARD_CALLS
from tests.generator import mutate, programs, random_program

SEEDS = range(150)
PARTS = 8
BROKEN_BY_SEED = 14

#: All of the language is reached within this many programs.
REACHED_BY = 1000

#: Generous: the aim is 1 s for the worst source there is.
SECONDS = 2.0


@pytest.fixture(scope="module")
def right() -> list[str]:
    return [random_program(seed) for seed in SEEDS]


def failing(sources: Collection[str], check: Callable[[str], None]) -> list[str]:
    """Return each source that a check refuses, or that takes too long, with the reason."""
    found = []
    gc.collect()
    gc.freeze()  # what the frameworks and the tests before hold is none of this test's time
    for source in sources:
        start = process_time()
        try:
            check(source)
            assert process_time() - start < SECONDS, f"takes {process_time() - start:.1f} s"
        except Exception as error:
            found.append(f"{type(error).__name__}: {error}\n--- in\n{source}\n---")
    gc.unfreeze()
    return found


# --- programs that are right ---


@pytest.mark.parametrize("part", range(PARTS))
def test_random_programs_are_right_and_keep_their_meaning_when_formatted(part: int, right: list[str]) -> None:
    failed = failing(right[part::PARTS], check_right)
    assert not failed, f"{len(failed)} of {len(right[part::PARTS])}, the shortest:\n" + min(failed, key=len)


@pytest.mark.parametrize("part", range(PARTS))
def test_comments_may_stand_anywhere(part: int, right: list[str]) -> None:
    sources = [commented(source, Random(number)) for number, source in enumerate(right[part::PARTS])]
    failed = failing(sources, check_right)
    assert not failed, f"{len(failed)} of {len(sources)}, the shortest:\n" + min(failed, key=len)


@settings(max_examples=12, suppress_health_check=[HealthCheck.data_too_large])
@given(programs())
def test_the_strategy_makes_programs_that_are_right(source: str) -> None:
    assert [each for each in neural.analyze(source).diagnostics if each.severity == "error"] == []


def test_a_seed_gives_one_program() -> None:
    assert random_program(7) == random_program(7)
    assert len({random_program(seed) for seed in range(20)}) == 20


# --- all of the language is reached ---

#: Alternatives of the grammar that no right program holds.
WRONG_RULES = frozenset({"stray", "negative_count"})

#: Rules that leave no node of their own.
INLINED = frozenset(
    ("statement", "expression", "comparison", "sum", "term", "factor", "power", "atom", "scalar", "argument", "count")
)


def unreached(wanted: Collection[str], right: list[str], names: Callable[[str], Collection[str]]) -> set[str]:
    """Return what no program holds of all that is wanted; the first programs hold most of it."""
    missing = set(wanted)
    named = LAYERS.keys() | STANDARD_CALLS.keys()
    more = (random_program(seed, sorted(missing & named)) for seed in range(len(right), REACHED_BY))
    for source in chain(right, more):
        if not missing:
            break
        missing -= set(names(source))
    return missing


def rules_in(source: str) -> set[str]:
    tree = create_parser("program").parse(source.removeprefix("\ufeff"))
    return {str(each.data) for each in tree.iter_subtrees()}


def test_every_rule_of_the_grammar_is_reached(right: list[str]) -> None:
    named = {str(rule.alias or rule.origin.name) for rule in shared_parser().rules}
    inlined = {rule for rule in named if rule.startswith("_")} | INLINED
    assert len(named - inlined) > 40
    assert unreached(named - inlined - WRONG_RULES, right, rules_in) == set()


def test_every_layer_is_reached(right: list[str]) -> None:
    wanted = {name for name, cls in LAYERS.items() if cls.arity[1] > 0}
    spelt = {name.lower(): name for name in wanted}
    assert unreached(wanted, right, lambda source: {spelt.get(word, "") for word in words(source.lower())}) == set()


def test_every_block_of_the_standard_library_is_reached(right: list[str]) -> None:
    assert set(STANDARD_CALLS) == set(macro_names())
    assert unreached(macro_names(), right, words) == set()


@pytest.mark.parametrize(
    "entries", [LOSSES, METRICS, OPTIMIZERS, SCHEDULES], ids=["loss", "metric", "optimizer", "schedule"]
)
def test_every_name_of_training_is_reached(entries: dict[str, object], right: list[str]) -> None:
    assert unreached(entries, right, words) == set()


def words(source: str) -> list[str]:
    return re.findall(r"\w+", source)


def constructs(source: str) -> set[str]:
    """Return the names of what a program is made of."""
    program = parse(source).program
    assert program is not None
    found = _constructs(program)
    networks = sum(isinstance(item.item, NetworkItem) for item in program.items)
    found |= {"several networks"} if networks > 1 else set()
    text = source.replace("\r\n", "~")
    signs = {"#": "comment", ";": "semicolon", "~": "CRLF", "\t": "tab", "'": "single quotes", "\ufeff": "mark"}
    return found | {name for sign, name in signs.items() if sign in text}


def _constructs(part: object, path: tuple[str, ...] = ()) -> set[str]:
    found = _named(part)
    inside = (*path, *(each for each in found if each in ("Residual", "Parallel", "for", "macro", "block of a call")))
    if "Residual" in found and "Residual" in path:
        found.add("Residual in Residual")
    if "Parallel" in found and "Residual" in path:
        found.add("Parallel in Residual")
    if "Residual" in found and "Parallel" in path:
        found.add("Residual in Parallel")
    children = (
        part if isinstance(part, tuple) else [getattr(part, name, None) for name in getattr(part, "__slots__", ())]
    )
    for child in children:
        if isinstance(child, tuple) or hasattr(child, "__slots__"):
            found |= _constructs(child, inside)
    return found


def _named(part: object) -> set[str]:
    match part:
        case Let() | Define() | Research() | InputSection() | OutputSection() | SettingSection():
            return _of_section(part)
        case LayerStatement():
            return _of_layer(part)
        case Call(name=name, arguments=arguments):
            wrapped = {f"layer in a {name}"} if name == "choice" and isinstance(arguments[0].value, Call) else set()
            return {f"{name}(...)", *wrapped}
        case Binary(operator=operator) | Unary(operator=operator):
            return {f"{type(part).__name__} {operator}"}
        case Sequence(is_list=is_list):
            return {"list" if is_list else "tuple"}
        case Literal(value=value):
            return {f"literal {type(value).__name__}"}
    plain = {BranchStatement: "named block", ForStatement: "for"}
    return {plain.get(type(part), type(part).__name__)}


def _of_section(part: object) -> set[str]:
    match part:
        case Let(low=low):
            return {"let with a range" if low else "let"}
        case Define(parameters=parameters):
            return {"macro", *("default" if each.default else "parameter" for each in parameters)}
        case Research(name=name):
            return {"named research" if name else "research"}
        case InputSection(shapes=shapes):
            named = {"named input" for each in shapes if each.name} | {"dtype" for each in shapes if each.dtype}
            return {"several inputs" if len(shapes) > 1 else "input", *named}
        case OutputSection(names=names):
            return {"several outputs" if len(names) > 1 else "output"}
        case SettingSection(name=name, value=value):
            return {name, f"{name}: {type(value).__name__}"}
    return set()


def _of_layer(part: LayerStatement) -> set[str]:
    type_, arguments = part.type.text, part.arguments or ()
    found = {type_} if type_ in ("Residual", "Parallel", "HPO", "ResidualConnection") else set()
    given = {
        "label": part.labels, "references": part.references, "device": part.device, "block": part.block,
        "repetition": part.count, "bare call": part.arguments is None,
    }  # fmt: skip
    found |= {name for name, has in given.items() if has}
    found |= {"block of a call"} if part.block and type_.startswith("Block") else set()
    found |= {"several labels"} if len(part.labels) > 1 else set()
    found |= {"several references"} if part.references and len(part.references) > 1 else set()
    for argument in arguments:
        found.add(
            "colon argument" if argument.colon else "argument by name" if argument.name else "positional argument"
        )
        found |= {f"{argument.name}="} & {"shared=", "name=", "merge=", "axis="}
    return found


CONSTRUCTS = frozenset(
    (
        "let", "let with a range", "macro", "default", "parameter", "research", "named research", "input",
        "several inputs", "named input", "dtype", "output", "several outputs", "loss", "optimizer", "metrics",
        "loss: Name", "loss: Literal", "loss: Call", "loss: Sequence", "loss: Mapping", "metrics: Mapping",
        "metrics: Sequence", "optimizer: Name", "optimizer: Literal", "optimizer: Call", "Residual",
        "ResidualConnection", "Parallel", "HPO", "Residual in Residual", "Parallel in Residual",
        "Residual in Parallel", "label", "several labels", "references", "several references", "device", "block",
        "repetition", "bare call", "block of a call", "colon argument", "argument by name", "positional argument",
        "shared=", "name=", "merge=", "axis=", "named block", "for", "HPO(...)", "choice(...)", "layer in a choice",
        "range(...)", "log_range(...)", "size(...)", "divisible(...)", "min(...)", "max(...)", "abs(...)",
        "round(...)", "ceil(...)", "floor(...)", "int(...)", "Binary +", "Binary -", "Binary *", "Binary /",
        "Binary //", "Binary %", "Binary **", "Binary <", "Binary <=", "Binary >", "Binary >=", "Binary ==",
        "Binary !=", "Unary -", "Unary +", "list", "tuple", "Conditional", "Group", "Mapping", "Name", "literal int",
        "literal float", "literal str", "literal bool", "literal NoneType", "several networks", "comment",
        "semicolon", "CRLF", "tab", "single quotes", "mark",
    )
)  # fmt: skip


def test_every_construct_is_reached(right: list[str]) -> None:
    assert unreached(CONSTRUCTS, right, constructs) == set()


# --- programs that are broken ---


@pytest.mark.parametrize("part", range(PARTS))
def test_broken_programs_are_met_well(part: int, right: list[str]) -> None:
    broken = []
    for seed in SEEDS[part::PARTS]:
        rng = Random(seed)
        broken += [mutate(right[seed], rng, right[seed - 1]) for _ in range(BROKEN_BY_SEED)]
    failed = failing(broken, check_any)
    assert not failed, f"{len(failed)} of {len(broken)}, the shortest:\n" + min(failed, key=len)


def test_mutations_break_most_programs(right: list[str]) -> None:
    broken = [mutate(source, Random(seed)) for seed, source in zip(SEEDS, right[:100], strict=False)]
    codes = {each.code for source in broken for each in neural.analyze(source).diagnostics if each.severity == "error"}
    assert sum(not neural.analyze(source).ok for source in broken) >= 50
    assert len(codes & set(CODES)) >= 8
