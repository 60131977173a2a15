"""A source that is new to a warm process, beside what PyTorch takes to tell the same on the meta device."""

from __future__ import annotations

import time

import pytest

from neural.compiler import Compiler
from tests.performance.profiling_utils import compare_implementations
from tests.performance.programs import ENCODER, RESNET50
from tests.performance.torch_costs import builder, torch_costs

NETWORKS = {"ResNet50": (RESNET50, (3, 224, 224)), "encoder": (ENCODER, (128, 1024))}


@pytest.mark.parametrize("name", NETWORKS)
def test_it_takes_a_fifth_of_the_time_at_most(name: str) -> None:
    source, shape = NETWORKS[name]
    compiler, build = Compiler(), builder(source)

    def ours() -> None:
        compiler.clear()
        compiler.analyze(source, framework="pytorch")

    report = compiler.analyze(source, framework="pytorch")
    theirs = torch_costs(build, shape)
    assert (report.totals.parameters, report.totals.flops) == (theirs.parameters, theirs.flops)
    assert theirs.shapes >= sum(each.parameters != 0 for each in report.layers)
    compared = compare_implementations(
        {"ours": ours, "theirs": lambda: torch_costs(build, shape)}, iterations=7, clock=time.process_time
    )
    assert compared.growth("ours", "theirs") >= 5
