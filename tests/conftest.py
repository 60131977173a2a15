"""What every test needs: frameworks that keep quiet and to the processor, hypothesis that repeats itself."""

import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", KERAS_BACKEND="tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import warnings
from importlib import import_module
from importlib.util import find_spec

import pytest
from hypothesis import settings

if find_spec("triton"):
    # The CUDA build of PyTorch brings a compiler that must be loaded before TensorFlow's: the other way round crashes.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_module("torch.utils.flop_counter")

settings.register_profile("project", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("project")

#: What the tests compare with authorities, by the name of the test, each a configuration of a layer or a network.
COMPARED = {
    "shapes, weights and trainable split as in Keras, FLOPs as in PyTorch": "test_agrees_with_keras",
    "the same against plain forms of the papers": "test_agrees_with_the_papers",
    "refused by Keras and by us": "test_both_refuse",
    "memory kept as autograd keeps it": "test_agrees_with_autograd",
    "generated Keras layers built as planned": "test_a_layer_is_built_as_planned",
    "generated PyTorch computes what Keras does, in float64": "test_computes_what_keras_computes",
    "random networks computed alike in both": "test_random_networks_compute_what_keras_computes",
    "parameters and FLOPs of published networks": "test_parameters_and_flops",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many configurations were compared with the authorities, and how many differ."""
    ran = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    lines = []
    for what, name in COMPARED.items():
        found = [each.passed for each in ran if each.when == "call" and each.location[2].partition("[")[0] == name]
        if found:
            lines.append(f"{len(found):6,}  {what}: {found.count(False)} differ")
    if lines:
        terminalreporter.section("compared with Keras, PyTorch and published counts")
        terminalreporter.write("\n".join(lines) + "\n")
