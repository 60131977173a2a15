"""The Transformers of the gallery against the models of the transformers library, built without weights.

The models that have no configuration of their own here are built from the library's defaults, which are those of the
published models. FLOPs are what FlopCounterMode counts on the meta device, where fused attention runs as two products.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from tests.examples.references import built, flops, owned, real, report, whole

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    transformers = pytest.importorskip("transformers")

LENGTH = 128


def model(kind: str, config: str, **given: Any) -> Any:
    """Return a model of a class and a configuration by their names."""
    return built(lambda: getattr(transformers, kind)(getattr(transformers, config)(**given)))


def vit(patch: int, width: int, depth: int, heads: int) -> Any:
    sizes = {"patch_size": patch, "hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": heads}
    return model("ViTForImageClassification", "ViTConfig", intermediate_size=4 * width, num_labels=1000, **sizes)


def swin(width: int, depth: int) -> Any:
    heads = [width // 32 * 2**stage for stage in range(4)]
    sizes = {"embed_dim": width, "depths": [2, 2, depth, 2], "num_heads": heads}
    return model("SwinForImageClassification", "SwinConfig", num_labels=1000, **sizes)


def bert(width: int, depth: int, heads: int) -> Any:
    sizes = {"hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": heads}
    return model("BertModel", "BertConfig", intermediate_size=4 * width, **sizes)


def gpt2(width: int, depth: int, heads: int) -> Any:
    return model("GPT2LMHeadModel", "GPT2Config", n_embd=width, n_layer=depth, n_head=heads)


def llama(width: int, hidden: int, depth: int, heads: int, groups: int, vocabulary: int = 32000) -> Any:
    sizes = {"hidden_size": width, "intermediate_size": hidden, "num_hidden_layers": depth, "vocab_size": vocabulary}
    return model("LlamaForCausalLM", "LlamaConfig", num_attention_heads=heads, num_key_value_heads=groups, **sizes)


def t5(width: int, depth: int, heads: int, hidden: int) -> Any:
    sizes = {"d_model": width, "num_layers": depth, "num_heads": heads, "d_ff": hidden}
    return model("T5ForConditionalGeneration", "T5Config", **sizes)


def whisper(width: int, depth: int, heads: int) -> Any:
    both = {"layers": depth, "attention_heads": heads, "ffn_dim": 4 * width}
    sizes = {f"{part}_{name}": value for part in ("encoder", "decoder") for name, value in both.items()}
    return model("WhisperForConditionalGeneration", "WhisperConfig", d_model=width, **sizes)


def mixtral() -> Any:
    """Return Mixtral with a product for each word and expert that it visits: the form that runs without values."""
    return model("MixtralForCausalLM", "MixtralConfig", experts_implementation="batched_mm")


IMAGE = {"pixel_values": real(1, 3, 224, 224)}
TEXT = {"input_ids": whole(1, LENGTH)}
READ_AND_WRITE = {"input_ids": whole(1, LENGTH), "decoder_input_ids": whole(1, 64)}
HEAR_AND_WRITE = {"input_features": real(1, 80, 3000), "decoder_input_ids": whole(1, 64)}

FAMILIES: dict[str, tuple[dict[str, Any], dict[str, int], dict[str, tuple[Any, int]]]] = {
    # what the model reads, our lengths, and by network: the model, and how many parameters it is known to have
    "vit": (
        IMAGE,
        {},
        {
            "ViT_B_16": (lambda: vit(16, 768, 12, 12), 86_567_656),
            "ViT_B_32": (lambda: vit(32, 768, 12, 12), 88_224_232),
            "ViT_L_16": (lambda: vit(16, 1024, 24, 16), 304_326_632),
            "ViT_H_14": (lambda: vit(14, 1280, 32, 16), 632_045_800),
        },
    ),
    "swin": (
        IMAGE,
        {},
        {
            "Swin_T": (lambda: swin(96, 6), 28_288_354),
            "Swin_S": (lambda: swin(96, 18), 49_606_258),
            "Swin_B": (lambda: swin(128, 18), 87_768_224),
        },
    ),
    "bert": (
        TEXT,
        {"length": LENGTH},
        {
            "BERT_Base": (lambda: bert(768, 12, 12), 109_482_240),
            "BERT_Large": (lambda: bert(1024, 24, 16), 335_141_888),
        },
    ),
    "gpt2": (
        TEXT,
        {"length": LENGTH},
        {
            "GPT2_Small": (lambda: gpt2(768, 12, 12), 124_439_808),
            "GPT2_Medium": (lambda: gpt2(1024, 24, 16), 354_823_168),
            "GPT2_Large": (lambda: gpt2(1280, 36, 20), 774_030_080),
            "GPT2_XL": (lambda: gpt2(1600, 48, 25), 1_557_611_200),
        },
    ),
    "llama": (
        TEXT,
        {"length": LENGTH},
        {
            "Llama_7B": (lambda: model("LlamaForCausalLM", "LlamaConfig"), 6_738_415_616),
            "Llama_13B": (lambda: llama(5120, 13824, 40, 40, 40), 13_015_864_320),
            "Llama2_70B": (lambda: llama(8192, 28672, 80, 64, 8), 68_976_648_192),
            "Llama3_8B": (lambda: llama(4096, 14336, 32, 32, 8, 128256), 8_030_261_248),
        },
    ),
    "mistral": (
        TEXT,
        {"length": LENGTH},
        {"Mistral_7B": (lambda: model("MistralForCausalLM", "MistralConfig"), 7_241_732_096)},
    ),
    "mixture_of_experts": (
        TEXT,
        {"length": LENGTH},
        {"Mixtral_8x7B": (mixtral, 46_702_792_704)},
    ),
    "t5": (
        READ_AND_WRITE,
        {"source_length": LENGTH, "target_length": 64},
        {
            "T5_Small": (lambda: model("T5ForConditionalGeneration", "T5Config"), 60_506_624),
            "T5_Base": (lambda: t5(768, 12, 12, 3072), 222_903_552),
            "T5_Large": (lambda: t5(1024, 24, 16, 4096), 737_668_096),
        },
    ),
    "whisper": (
        HEAR_AND_WRITE,
        {"length": 64},
        {
            "Whisper_Tiny": (lambda: model("WhisperForConditionalGeneration", "WhisperConfig"), 37_760_640),
            "Whisper_Base": (lambda: whisper(512, 6, 8), 72_593_920),
            "Whisper_Small": (lambda: whisper(768, 12, 12), 241_734_912),
        },
    ),
}

#: Of these networks PyTorch's models keep as it is the table of the encoder's positions, which holds sines.
FROZEN = {"Whisper_Tiny": 1500 * 384, "Whisper_Base": 1500 * 512, "Whisper_Small": 1500 * 768}

NETWORKS = [
    pytest.param(family, network, make, known, id=network)
    for family, (_, _, networks) in FAMILIES.items()
    for network, (make, known) in networks.items()
]


@pytest.mark.parametrize(("family", "network", "make", "known"), NETWORKS)
def test_parameters_and_flops(family: str, network: str, make: Any, known: int) -> None:
    inputs, lengths, _ = FAMILIES[family]
    reference, totals = make(), report(family, network, **lengths).totals
    assert (totals.parameters, totals.trainable_parameters - FROZEN.get(network, 0)) == owned(reference)
    assert totals.parameters == known
    assert totals.flops == flops(reference, **inputs)
