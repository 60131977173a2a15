"""Reports written by hand: a line a layer, ``key Type inputs [group]``, for drawings and charts."""

from __future__ import annotations

from neural.cost.report import InputReport, LayerReport, Report, Totals


def report_of(text: str, *, outputs: tuple[str, ...] = (), name: str = "Net") -> Report:
    """Return a report: ``-> key`` lines are inputs; others are ``key Type input,input group/group``."""
    inputs, layers = [], []
    for number, line in enumerate(text.strip().splitlines(), start=1):
        words = line.split()
        if words[0] == "->":
            inputs.append(InputReport(words[1], (None, 32, 32, 3), "float32", number, 5))
            continue
        group = tuple(words[3].split("/")) if len(words) > 3 else ()
        layers.append(layer_of(words[0], words[1], tuple(words[2].split(",")), group, number))
    totals = Totals(parameters=1000 * len(layers), flops=2000 * len(layers), activation_bytes=4096 * len(layers))
    ends = outputs or (layers[-1].key,)
    return Report(name, "tensorflow", 1, "float32", "adam", tuple(inputs), tuple(layers), ends, totals)


def layer_of(
    key: str, type: str, inputs: tuple[str, ...] = (), group: tuple[str, ...] = (), line: int = 1
) -> LayerReport:
    """Return one row with invented costs."""
    return LayerReport(
        key=key,
        name=key,
        type=type,
        group=group,
        line=line,
        column=9,
        end_line=line,
        arguments={},
        inputs=inputs,
        input_shapes=((None, 32, 32, 3),),
        output_shape=(None, 32, 32, 64),
        output_dtype="float32",
        parameters=1000,
        trainable_parameters=1000,
        flops=2000 * line,
        macs=1000 * line,
        other_ops=64,
        weight_bytes=4000,
        activation_bytes=4096,
        status="ok",
    )


def chain(length: int) -> Report:
    """Return a chain of convolutions."""
    lines = ["-> input", *(f"conv{i} Conv2D {'input' if i == 0 else f'conv{i - 1}'}" for i in range(length))]
    return report_of("\n".join(lines))


RESIDUAL = """
-> input
conv0 Conv2D input
conv1 Conv2D conv0 Residual_1
bn1 BatchNormalization conv1 Residual_1
relu1 ReLU bn1 Residual_1
conv2 Conv2D relu1 Residual_1
add1 Add conv0,conv2 Residual_1
relu2 ReLU add1
conv3 Conv2D relu2 Bottleneck_1
conv4 Conv2D conv3 Bottleneck_1
proj Conv2D relu2 Bottleneck_1
add2 Add conv4,proj Bottleneck_1
pool GlobalAveragePooling2D add2
dense Output pool
"""

PARALLEL = """
-> input
stem Conv2D input
a1 Conv2D stem Inception_1
b1 Conv2D stem Inception_1
b2 Conv2D b1 Inception_1
c1 Conv2D stem Inception_1
c2 Conv2D c1 Inception_1
c3 Conv2D c2 Inception_1
d1 MaxPooling2D stem Inception_1
d2 Conv2D d1 Inception_1
cat Concatenate a1,b2,c3,d2 Inception_1
e1 Conv2D cat Parallel_1/left
e2 Conv2D e1 Parallel_1/left/Residual_1
e3 Add e1,e2 Parallel_1/left/Residual_1
f1 SeparableConv2D cat Parallel_1/right
cat2 Concatenate e3,f1 Parallel_1
aux Dense cat
out Output cat2
"""


def transformer(blocks: int) -> Report:
    """Return an encoder and a decoder that reads the encoder's result in every block."""
    lines = ["-> source", "-> target", "es Embedding source", "et Embedding target"]
    x = "es"
    for i in range(blocks):
        g = f"TransformerEncoder_{i + 1}"
        lines += [
            f"ea{i} MultiHeadAttention {x} {g}",
            f"eadd{i} Add {x},ea{i} {g}",
            f"eln{i} LayerNormalization eadd{i} {g}",
        ]
        lines += [f"ef{i} Dense eln{i} {g}", f"eg{i} Dense ef{i} {g}", f"eadb{i} Add eln{i},eg{i} {g}"]
        x = f"eadb{i}"
    memory, y = x, "et"
    for i in range(blocks):
        g = f"TransformerDecoder_{i + 1}"
        lines += [f"da{i} MultiHeadAttention {y} {g}", f"dadd{i} Add {y},da{i} {g}"]
        lines += [f"dc{i} MultiHeadAttention dadd{i},{memory} {g}", f"dadc{i} Add dadd{i},dc{i} {g}"]
        lines += [f"df{i} Dense dadc{i} {g}", f"dg{i} Dense df{i} {g}", f"dadb{i} Add dadc{i},dg{i} {g}"]
        y = f"dadb{i}"
    lines.append(f"head Output {y}")
    return report_of("\n".join(lines))


def unet(depth: int) -> Report:
    """Return an encoder and a decoder joined by nested skips."""
    lines, x = ["-> input"], "input"
    for i in range(depth):
        lines += [f"down{i} Conv2D {x}", f"pool{i} MaxPooling2D down{i}"]
        x = f"pool{i}"
    for i in reversed(range(depth)):
        lines += [f"up{i} Conv2DTranspose {x}", f"cat{i} Concatenate down{i},up{i}", f"conv{i} Conv2D cat{i}"]
        x = f"conv{i}"
    return report_of("\n".join(lines))


#: Names that would be markup, script, TeX or hidden where they are not escaped.
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<b>bold</b><br>next",
    '<a href="javascript:alert(1)">link</a>',
    "$$\\href{javascript:alert(1)}{x}$$",
    "a & b &lt; c &#60;script&#62;",
    "' onload='alert(1)",
    "]]><svg onload=alert(1)>",
    "--><!-- <!DOCTYPE x [<!ENTITY y 'z'>]>",
    "line\nbreak\r\ttab\x00nul\x1b[31m",
    "right\u202eto left\u2066\u200b\ufeff",
    "surrogate \ud800 and \udfff, noncharacter \uffff",
    "日本語の名前 émoji 🙂 " * 20,
    "`code` **mark** [link](x) #quot; %%{init: {}}%%",
    "{{ 7 * 7 }} {% raw %} ${1+1}",
)
