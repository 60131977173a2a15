"""The parser is made once, quickly, and reads quickly and in time proportional to the text."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from neural.parser.parser import ModelTransformer, create_parser, grammars_built, parse
from tests.performance.profiling_utils import benchmark_function, compare_implementations, time_block
from tests.performance.programs import COMPLEX, SIMPLE, chain

ROOT = Path(__file__).parents[2]


def fresh_process(script: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


_CREATION = """
import time
from neural.parser import parser
start = time.perf_counter()
parser.create_parser("network")
print(time.perf_counter() - start)
"""


def test_creation_takes_less_than_a_second() -> None:
    assert float(fresh_process(_CREATION, NEURAL_CACHE="0")) < 1.0


_SAVED = """
import time
from neural.parser import grammar
times = []
for make in (grammar.built_parser, grammar.saved_parser) * 3:
    start = time.process_time()
    make()
    times.append(time.process_time() - start)
print(min(times[::2]) / min(times[1::2]))
"""


def test_the_kept_grammar_makes_creation_at_least_twice_as_fast() -> None:
    assert float(fresh_process(_SAVED)) > 2


def test_one_grammar_is_built_however_many_threads_ask() -> None:
    script = """
from concurrent.futures import ThreadPoolExecutor
from neural.parser import parser
with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda start: parser.create_parser(start), ["network", "layer"] * 8))
print(parser.grammars_built())
"""
    assert fresh_process(script) == "1"


def test_a_second_parser_costs_nothing() -> None:
    create_parser("network")
    built = grammars_built()
    assert benchmark_function(create_parser, "layer", iterations=50).median < 0.005
    assert grammars_built() == built


def test_it_is_lalr_with_a_basic_lexer() -> None:
    options = create_parser("network").options
    assert (options.parser, options.lexer, options.debug) == ("lalr", "basic", False)
    assert (options.propagate_positions, options.maybe_placeholders) == (True, False)


@pytest.mark.parametrize(("source", "limit"), [(SIMPLE, 0.1), (COMPLEX, 0.2)], ids=["simple", "complex"])
def test_parsing_is_quick(source: str, limit: float) -> None:
    create_parser("network")
    with time_block() as first:
        parsed = parse(source)
    assert parsed.diagnostics == ()
    assert first.seconds < limit
    assert benchmark_function(parse, source, iterations=5).median < limit


def test_the_dictionary_form_is_quick() -> None:
    parser, transformer = create_parser("network"), ModelTransformer()
    result = benchmark_function(lambda: transformer.transform(parser.parse(SIMPLE)), iterations=5, warmup=1)
    assert result.maximum < 0.1


def test_time_is_proportional_to_the_text() -> None:
    short, long = chain(200), chain(800)
    compared = compare_implementations(
        {"short": lambda: parse(short), "long": lambda: parse(long)}, iterations=7, clock=time.process_time
    )
    # Four times the text: four times the time, where the square of it would be sixteen.
    assert compared.growth("short", "long") < 10


def test_threads_parse_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(parse, [SIMPLE, COMPLEX] * 8))
    assert all(result.diagnostics == () for result in results)
