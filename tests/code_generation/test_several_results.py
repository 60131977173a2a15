"""Programs whose layers have several results: both backends compute the same, and assign only what is read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import neural
from tests.code_generation.plans import plan_of_program
from tests.verification.test_programs import verified

PROGRAMS = {
    "translation with attention": """
        input: { words: (9, 5), said: (6, 4) }
        layers:
            seen, ahead_h, ahead_c, back_h, back_c = Both(4)(words)
            h = Concatenate()(ahead_h, back_h)
            c = Concatenate()(ahead_c, back_c)
            decoded = LSTM(8, return_sequences=true)(said, h, c)
            context = Attention()(decoded, seen)
            Concatenate()(decoded, context)
            Output(7, "softmax")""",
    "macros": """
        input: (9, 5)
        layers:
            all, state = Encoder(6)
            again, other = Encoder(6)(all)
            last = Encoder(6)(again)
            both = Add()(state, other)
        output: both, last""",
    "gates of a map": """
        input: (8, 7, 6)
        layers:
            a, gate = Split(2)
            opened = Sigmoid()(gate)
            gated = Multiply()(a, opened)
            top, middle, bottom = Split((1, 3, 4), axis=1)(gated)
            Concatenate(axis=1)(bottom, top)""",
    "not all are read": """
        input: (5, 6)
        layers:
            x, h, c = LSTM(4, return_state=true)
            y, gh = GRU(4, return_sequences=true, return_state=true)(input)
            p, q, r = Split(3)(input)
            both, fh, bh = Bidirectional(GRU(3, return_state=true), merge_mode="mul")(q)
            one, two = Bidirectional(SimpleRNN(3, activation="elu"), merge_mode=none)(q)
        output: c, gh, fh, two""",
    "every part": """
        input: (10, 3)
        layers:
            first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth = Split(10, axis=1)
            Add()(first, third, tenth)
            Flatten()""",
    "stacked cells": """
        input: (5, 6)
        layers:
            x, h1, c1, h2 = RNN([LSTMCell(4), GRUCell(3)], return_sequences=true, return_state=true)
            y = RNN([LSTMCell(4), GRUCell(3)])(x, h1, c1, h2)
            z = StackedRNNCells([SimpleRNNCell(4), LSTMCell(2)])(h2)
            Reshape((5, 3, 2))(input)
            each = TimeDistributed(RNN(GRUCell(2)))
        output: y, z, each""",
    "frames": """
        input: (4, 9, 8, 2)
        layers:
            all, h, c = ConvLSTM2D(3, 3, padding="same", return_sequences=true, return_state=true)
            ConvLSTM2D(3, 2, padding="same")(all, h, c)
            BatchNormalization()
            last = Conv2D(2, 3)
            Reshape((4, 72, 2))(input)
            ConvLSTM1D(2, 5, strides=3, go_backwards=true)
            flat = Flatten()
        output: last, flat, c""",
    "one set of weights": """
        input: { left: (5, 4), right: (5, 4) }
        layers:
            a, ah = GRU(3, return_state=true, shared="ear")(left)
            b, bh = GRU(3, return_state=true, shared="ear")(right)
            Concatenate()(ah, b)""",
}
MACROS = "define Both(units) { Bidirectional(LSTM(units, return_sequences=true, return_state=true)) }\n"
MACROS += "define Encoder(units) { all, state = GRU(units, return_sequences=true, return_state=true) }\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_backends_compute_the_same(name: str) -> None:
    assert verified(plan_of_program(f"{MACROS}network Net {{ {PROGRAMS[name]} }}")).layers


@pytest.mark.parametrize("name", ["translation with attention", "every part"])
def test_code_of_unread_results_is_left_out(name: str) -> None:
    source = f"{MACROS}network Net {{ {PROGRAMS[name]} }}"
    for backend in ("pytorch", "tensorflow"):
        code = neural.generate(source, backend)
        assert "second" not in code
        assert "eighth" not in code


def test_formatter_and_linter_have_nothing_to_say(tmp_path: Path) -> None:
    """Whatever the length of the labels, so that every statement is broken in every way."""
    for number, text in enumerate(PROGRAMS.values()):
        labels = {
            label for line in re.findall(r"^ *([a-z_0-9, ]+) = [A-Z]", text, re.MULTILINE) for label in line.split(", ")
        }
        for length in range(1, 40, 3):
            longer = re.sub(rf"\b({'|'.join(labels)})\b(?!=)", rf"\1{'_' + 'q' * length}", text)
            for backend in ("pytorch", "tensorflow"):
                code = neural.generate(f"{MACROS}network Net {{ {longer} }}", backend)
                (tmp_path / f"program_{number}_{length}_{backend}.py").write_text(code)
    for command in (["format", "--check", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]
