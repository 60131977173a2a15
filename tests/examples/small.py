"""The examples at sizes at which a test can build and run them: other values of their knobs, the same structure."""

from __future__ import annotations

import re
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
    "resnet": {"size": 64},
    "resnet_v2": {"size": 64},
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


#: What stands in the largest networks, and what in its place keeps their structure and makes them small.
SHRUNKEN: dict[str, dict[str, str]] = {
    "BERT_Large": {"Embeddings(1024)": "Embeddings(64)", "(16, 4096)": "(4, 256)"},
    "ConvNeXtBase": {"width=128": "width=32"},
    "ConvNeXtLarge": {"width=192": "width=24"},
    "ConvNeXtXLarge": {"width=256": "width=32"},
    "EfficientNetB3": {"300, 300": "96, 96"},
    "EfficientNetB4": {"380, 380": "96, 96"},
    "EfficientNetB5": {"456, 456": "96, 96"},
    "EfficientNetB6": {"528, 528": "96, 96", "width=1.8": "width=0.9"},
    "EfficientNetB7": {"600, 600": "96, 96", "width=2": "width=1"},
    "EfficientNetV2B3": {"300, 300": "96, 96"},
    "EfficientNetV2S": {"384, 384": "96, 96"},
    "EfficientNetV2M": {
        "480, 480": "96, 96",
        "(160, 7": "(40, 7",
        "(176, 14": "(44, 14",
        "(304, 18": "(76, 18",
        "(512, 5": "(128, 5",
    },
    "EfficientNetV2L": {
        "480, 480": "96, 96",
        "(192, 10": "(48, 10",
        "(224, 19": "(56, 19",
        "(384, 25": "(96, 25",
        "(640, 7": "(160, 7",
    },
    "GPT2_Medium": {"1024, 24, 16": "64, 24, 16"},
    "GPT2_Large": {"1280, 36, 20": "80, 36, 20"},
    "GPT2_XL": {"1600, 48, 25": "100, 48, 25"},
    "Llama_13B": {"32000, 40, 13824, 40": "100, 2, 64, 40"},
    "Llama2_70B": {"32000, 64, 28672, 80, groups=8": "100, 2, 64, 80, groups=1"},
    "Llama3_8B": {"128256, 32, 14336, 32, groups=8": "100, 4, 64, 32, groups=2"},
    "NASNetLarge": {
        "331, 331": "139, 139",
        "Conv2D(96": "Conv2D(24",
        "(42, old_filters=96)": "(12, old_filters=24)",
        "(84)": "(24)",
        "(168)": "(48)",
        "(336": "(96",
        "(672": "(192",
    },
    "ResNet152": {"(64": "(16", "(128": "(32", "(256": "(64", "(512": "(128"},
    "ResNet152V2": {"(64": "(16", "(128": "(32", "(256": "(64", "(512": "(128"},
    "Swin_B": {"Swin(4, 18)": "Swin(1, 18)"},
    "T5_Base": {"768, 12, 12, 3072": "64, 12, 4, 128"},
    "T5_Large": {"1024, 24, 16, 4096": "64, 24, 4, 128"},
    "ViT_B_32": {"32, 768, 12, 12": "32, 64, 12, 4"},
    "ViT_L_16": {"16, 1024, 24, 16": "16, 64, 24, 4"},
    "ViT_H_14": {"14, 1280, 32, 16": "14, 64, 32, 4"},
    "Whisper_Base": {"(3000, 80)": "(192, 80)", "512, 6, 8": "64, 6, 8"},
    "Whisper_Small": {"(3000, 80)": "(192, 80)", "768, 12, 12": "48, 12, 12"},
}


def shrunken(source: str, network: str) -> str:
    """Return a program with one of its networks made small, where that is among the largest."""
    match = re.search(rf"^network {network} \{{.*?^\}}", source, re.DOTALL | re.MULTILINE)
    assert match is not None, network
    text = match[0]
    for old, new in SHRUNKEN.get(network, {}).items():
        assert old in text, (network, old)
        text = text.replace(old, new)
    return source[: match.start()] + text + source[match.end() :]


def small_plan(path: Path) -> Plan:
    """Return the plan of an example, small enough to be built with its weights."""
    return plan_of_program(path.read_text(encoding="utf-8"), **SMALL.get(path.stem, {}))
