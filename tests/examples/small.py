"""The examples at sizes at which a test can build and run them: other values of their knobs, the same structure."""

from __future__ import annotations

from pathlib import Path

from neural.shape_propagation.plan import Plan
from tests.code_generation.plans import plan_of_program

#: Values of knobs by example; one that is not here is built as it stands.
SMALL: dict[str, dict[str, int]] = {
    "alexnet": {"hidden": 64},
    "bert": {"length": 12, "vocabulary": 100, "width": 64, "depth": 2, "heads": 4},
    "convnext": {"size": 32},
    "densenet": {"size": 32, "growth": 8},
    "gcn": {"nodes": 12, "features": 10},
    "gpt2": {"length": 16, "vocabulary": 100, "width": 64, "depth": 2, "heads": 4},
    "inception_resnet_v2": {"size": 75},
    "inception_v3": {"size": 75},
    "llama": {"length": 16, "vocabulary": 100, "hidden": 64, "depth": 2, "heads": 2},
    "mistral": {"length": 16, "vocabulary": 100, "hidden": 64, "depth": 2, "groups": 2, "shared": 2, "window": 8},
    "mixture_of_experts": {"length": 16, "vocabulary": 100, "experts": 3, "hidden": 64, "depth": 2, "groups": 2},
    "mobilenet": {"size": 32},
    "mobilenet_v2": {"size": 64},
    "mobilenet_v3": {"size": 32},
    "resnet": {"size": 32},
    "resnet_v2": {"size": 32},
    "seq2seq": {"source_length": 6, "target_length": 5, "vocabulary": 100, "cells": 16},
    "swin": {"side": 2, "heads": 1, "window": 4},
    "t5": {"source_length": 20, "target_length": 16, "vocabulary": 100, "width": 64, "hidden": 64, "depth": 2},
    "unet": {"size": 188, "width": 8},
    "vgg": {"size": 32},
    "vit": {"image": 32, "patch": 8, "width": 64, "depth": 2, "heads": 4},
    "wavenet": {"length": 60, "depth": 12, "channels": 8, "skipped": 16},
    "whisper": {"length": 12, "vocabulary": 100, "width": 32, "depth": 2, "heads": 4},
    "xception": {"size": 71},
}


def small_plan(path: Path) -> Plan:
    """Return the plan of an example, small enough to be built with its weights."""
    return plan_of_program(path.read_text(encoding="utf-8"), **SMALL.get(path.stem, {}))
