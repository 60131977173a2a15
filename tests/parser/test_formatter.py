"""The canonical layout, row by row: what is written, and what it becomes. Both are one program."""

from __future__ import annotations

from pathlib import Path

import pytest

from neural.errors import NeuralError
from neural.limits import DEFAULT_LIMITS
from neural.parser.formatter import canonical, format_source
from neural.parser.layout import WIDTH
from neural.parser.parser import parse
from tests.generation.checks import check_any, check_format, comments

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("examples/*.neural"), *ROOT.glob("neural/stdlib/*.neural")])

#: Whole programs.
PROGRAMS: list[tuple[str, str]] = [
    ("", ""),
    ("  \n\n", ""),
    ("# only a comment", "# only a comment\n"),
    ("let a=1", "let a = 1\n"),
    ("let  a = 1 in 0 .. 4", "let a = 1 in 0..4\n"),
    ("let a=1 let b=2", "let a = 1\nlet b = 2\n"),
    ("let a=1\n\nlet b=2", "let a = 1\n\nlet b = 2\n"),
    ("let a=1;let b=2;", "let a = 1\nlet b = 2\n"),
    ("let a = 1 # one\nlet b = 2", "let a = 1  # one\nlet b = 2\n"),
    ("# top\n\n\n# second\nlet a=1", "# top\n\n# second\nlet a = 1\n"),
    ("let a='it'", 'let a = "it"\n'),
    ("let a='say \"hi\"'", "let a = 'say \"hi\"'\n"),
    ("let a=( 1,2 , )", "let a = (1, 2)\n"),
    ("let a=(1 ,)", "let a = (1,)\n"),
    ("let a=[1,2,]", "let a = [1, 2]\n"),
    ("let a={x:1,'y':2}", 'let a = {x: 1, "y": 2}\n'),
    ("let a={}", "let a = {}\n"),
    ("let a=-1+ -2*3**-2//4%5", "let a = -1 + -2 * 3**-2 // 4 % 5\n"),
    ("let a=(1)", "let a = (1)\n"),
    ("let a=max( 1,2 )", "let a = max(1, 2)\n"),
    ("let a= 1 if 2<3 else 4", "let a = 1 if 2 < 3 else 4\n"),
    ("let a=1_000 let b=.5 let c=1e-3", "let a = 1_000\nlet b = .5\nlet c = 1e-3\n"),
    ("define A{}", "define A {\n}\n"),
    ("define A(){}", "define A() {\n}\n"),
    ("define A(x,y=2,){Dense(x)}", "define A(x, y=2) {\n    Dense(x)\n}\n"),
    ("define A # after\n{ Dense(2) }", "# after\ndefine A {\n    Dense(2)\n}\n"),
    (
        "network A{input:(6,)layers:Dense(2)}\nnetwork B{input:(6,)layers:Dense(2)}",
        (
            "network A {\n"
            "    input: (6,)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "}\n"
            "\n"
            "network B {\n"
            "    input: (6,)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "}\n"
        ),
    ),
    ("let a=2 in 1. ..4", "let a = 2 in 1. ..4\n"),
    ("let a=research(3)let b=2", "let a = research(3)\nlet b = 2\n"),
    ("research{}", "research {\n}\n"),
    (
        'research R{metrics{accuracy:0.9,loss:.1}references{paper:"x"}}',
        (
            "research R {\n"
            "    metrics {\n"
            "        accuracy: 0.9\n"
            "        loss: .1\n"
            "    }\n"
            "    references {\n"
            '        paper: "x"\n'
            "    }\n"
            "}\n"
        ),
    ),
    ("research R { metrics { } }", "research R {\n    metrics {}\n}\n"),
    ("\ufefflet a=1\r\nlet b=2", "let a = 1\nlet b = 2\n"),
    (
        "network N{input:{a:(4,),b:(3)int32,}layers:Dense(2)(a)}",
        (
            "network N {\n"
            "    input: {a: (4,), b: (3) int32}\n"
            "    layers:\n"
            "        Dense(2)(a)\n"
            "}\n"
        ),
    ),
    ("network N{input:(4,),(3,)layers:Add()}", "network N {\n    input: (4,), (3,)\n    layers:\n        Add()\n}\n"),
    (
        "network N{input:(4) int32 layers:Dense(2)output:a,b}",
        (
            "network N {\n"
            "    input: (4) int32\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    output: a, b\n"
            "}\n"
        ),
    ),
    (
        'network N{input:(4)layers:Dense(2)loss:mse optimizer:Adam(1e-3)metrics:["accuracy"]}',
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    loss: mse\n"
            "    optimizer: Adam(1e-3)\n"
            '    metrics: ["accuracy"]\n'
            "}\n"
        ),
    ),
    (
        'network N{input:(4)layers:Dense(2)loss:{a:mse,b:"mae"}}',
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            '    loss: {a: mse, b: "mae"}\n'
            "}\n"
        ),
    ),
    (
        "network N{input:(4)layers:Dense(2)train{epochs:3,batch_size:4;seed:1}execution{}}",
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    train {\n"
            "        epochs: 3\n"
            "        batch_size: 4\n"
            "        seed: 1\n"
            "    }\n"
            "    execution {}\n"
            "}\n"
        ),
    ),
    (
        'network N{input:(4)layers:Dense(2)train:{epochs:3}execute{device:"cpu"}}',
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    train {\n"
            "        epochs: 3\n"
            "    }\n"
            "    execute {\n"
            '        device: "cpu"\n'
            "    }\n"
            "}\n"
        ),
    ),
    (
        "network N{input:(4)layers:Dense(2)train{,}}",
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    train {}\n"
            "}\n"
        ),
    ),
    (
        "network N {\n\n\n    input: (4)\n\n\n    layers:\n\n        Dense(2)\n\n    loss: mse\n\n}\n",
        (
            "network N {\n"
            "    input: (4)\n"
            "\n"
            "    layers:\n"
            "        Dense(2)\n"
            "\n"
            "    loss: mse\n"
            "}\n"
        ),
    ),
    (
        (
            "network N { # head\n# before input\ninput: (4) # size\n# before layers\nlayers: # first\n# befo"
            "re dense\nDense(2) # last\n# end of layers\n# end of network\n} # after\n# end of file"
        ),
        (
            "network N {  # head\n"
            "    # before input\n"
            "    input: (4)  # size\n"
            "    # before layers\n"
            "    layers:  # first\n"
            "        # before dense\n"
            "        Dense(2)  # last\n"
            "    # end of layers\n"
            "    # end of network\n"
            "}  # after\n"
            "\n"
            "# end of file\n"
        ),
    ),
    (
        "let a = (number_one + number_two + number_three + number_four + number_five + number_six + number_seven)",
        (
            "let a = (number_one + number_two + number_three + number_four + number_five + number_six + number_seven)\n"
        ),
    ),
    (
        "let a = number_one + number_two + number_three + number_four + number_five + number_six + number_seven",
        (
            "let a = number_one + number_two + number_three + number_four + number_five + number_six + number_seven\n"
        ),
    ),
    (
        (
            "define A(first_parameter=1, second_parameter=2, third_parameter=3, fourth_parameter=4, fif"
            "th=5) { Dense(2) }"
        ),
        (
            "define A(first_parameter=1, second_parameter=2, third_parameter=3, fourth_parameter=4, fifth=5) {\n"
            "    Dense(2)\n"
            "}\n"
        ),
    ),
    (
        (
            "network N{input:{image_of_the_front:(224,224,3),image_of_the_back:(224,224,3),words_beside"
            "_them:(128)int32}layers:Dense(2)}"
        ),
        (
            "network N {\n"
            "    input: {\n"
            "        image_of_the_front: (224, 224, 3),\n"
            "        image_of_the_back: (224, 224, 3),\n"
            "        words_beside_them: (128) int32,\n"
            "    }\n"
            "    layers:\n"
            "        Dense(2)\n"
            "}\n"
        ),
    ),
    (
        (
            'network N{input:(4)layers:Dense(2)metrics:["sparse_categorical_accuracy","sparse_top_k_cat'
            'egorical_accuracy","mean_squared_error"]}'
        ),
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    metrics: [\n"
            '        "sparse_categorical_accuracy",\n'
            '        "sparse_top_k_categorical_accuracy",\n'
            '        "mean_squared_error",\n'
            "    ]\n"
            "}\n"
        ),
    ),
    (
        (
            "network N{input:(4)layers:Dense(2)optimizer:SGD(learning_rate=ExponentialDecay(0.1,1000,0."
            "96,staircase=true),momentum=0.9,nesterov=true)}"
        ),
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    optimizer: SGD(\n"
            "        learning_rate=ExponentialDecay(0.1, 1000, 0.96, staircase=true),\n"
            "        momentum=0.9,\n"
            "        nesterov=true,\n"
            "    )\n"
            "}\n"
        ),
    ),
    (
        "network N { input: (6,) layers: # a\n\n# b\nDense(2)\n# c\n\n# d\n\nDense(3) }",
        (
            "network N {\n"
            "    input: (6,)\n"
            "    layers:  # a\n"
            "        # b\n"
            "        Dense(2)\n"
            "        # c\n"
            "\n"
            "        # d\n"
            "\n"
            "        Dense(3)\n"
            "}\n"
        ),
    ),
    (
        "network N { input: (4, # a\n3) layers: Dense(2) }",
        (
            "network N {\n"
            "    input: (\n"
            "        4,  # a\n"
            "        3,\n"
            "    )\n"
            "    layers:\n"
            "        Dense(2)\n"
            "}\n"
        ),
    ),
    (
        "network N { input: { a: (4), # a\n# b\nb: (3) # c\n} layers: Dense(2)(a) }",
        (
            "network N {\n"
            "    input: {\n"
            "        a: (4),  # a\n"
            "        # b\n"
            "        b: (3),  # c\n"
            "    }\n"
            "    layers:\n"
            "        Dense(2)(a)\n"
            "}\n"
        ),
    ),
    (
        "network N { input: (4) layers: Dense(2) train { # a\nepochs: 3, # b\n# c\nseed: 1 # d\n# e\n} }",
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    train {  # a\n"
            "        epochs: 3  # b\n"
            "        # c\n"
            "        seed: 1  # d\n"
            "        # e\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "network N { input: (4) layers: Dense(2) loss: # a\nmse # b\n}",
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    # a\n"
            "    loss: mse  # b\n"
            "}\n"
        ),
    ),
    (
        "network N { input: (4) layers: Dense(2) output: a, # a\nb }",
        (
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "    # a\n"
            "    output: a, b\n"
            "}\n"
        ),
    ),
    ("let a # a\n= 1", "# a\nlet a = 1\n"),
    ("let a = [1, # a\n2]", "let a = [\n    1,  # a\n    2,\n]\n"),
    ("let a = {x: 1, # a\ny: 2}", "let a = {\n    x: 1,  # a\n    y: 2,\n}\n"),
    ("define A(x, # a\ny=2 # b\n) { Dense(x) }", "define A(\n    x,  # a\n    y=2,  # b\n) {\n    Dense(x)\n}\n"),
    (
        "research R { # a\nmetrics { # b\naccuracy: 0.9 # c\n} # d\n# e\n} # f",
        (
            "research R {  # a\n"
            "    metrics {  # b\n"
            "        accuracy: 0.9  # c\n"
            "    }  # d\n"
            "    # e\n"
            "}  # f\n"
        ),
    ),
    ("# a\nlet a = 1\n# b\nlet b = 2\n\n# c\n", "# a\nlet a = 1\n# b\nlet b = 2\n\n# c\n"),
    (
        "\n\n# a\n\n\nnetwork N { input: (4) layers: Dense(2) }\n# b\nlet c = 1 # d",
        (
            "# a\n"
            "\n"
            "network N {\n"
            "    input: (4)\n"
            "    layers:\n"
            "        Dense(2)\n"
            "}\n"
            "\n"
            "# b\n"
            "let c = 1  # d\n"
        ),
    ),
]  # fmt: skip

#: Statements of `layers`.
STATEMENTS: list[tuple[str, str]] = [
    ("Dense(2)\n\n\n\nDense(3)", "Dense(2)\n\nDense(3)"),
    ("\n\nDense(2);Dense(3);;", "Dense(2)\nDense(3)"),
    ("x=Dense(2)", "x = Dense(2)"),
    ("x,y ,z=Split(3)", "x, y, z = Split(3)"),
    ("x, # a\ny = # b\nSplit(2)", "# a\n# b\nx, y = Split(2)"),
    ("Dense x,y=Split(2)", "Dense\nx, y = Split(2)"),
    ("Add ( ) ( x,input )", "Add()(x, input)"),
    ("Dense(2)@'cuda:0'", 'Dense(2) @ "cuda:0"'),
    ("Dense(2)*3", "Dense(2) * 3"),
    ("Dense(2)*(1+2)", "Dense(2) * (1 + 2)"),
    ("Dense(2)*n", "Dense(2) * n"),
    ("Dense(2)*max(1,2)", "Dense(2) * max(1, 2)"),
    ("Residual{Dense(6)}*2", "Residual {\n    Dense(6)\n} * 2"),
    ("Residual(){}", "Residual() {}"),
    ("Residual() { # why\nDense(6) }", "Residual() {  # why\n    Dense(6)\n}"),
    ("Residual() { Dense(6) # why\n}", "Residual() {\n    Dense(6)  # why\n}"),
    ("Residual() { Dense(6)\n# end\n}", "Residual() {\n    Dense(6)\n    # end\n}"),
    (
        'Parallel(merge="add"){a:{Dense(2)}b:{}}',
        (
            'Parallel(merge="add") {\n'
            "    a: {\n"
            "        Dense(2)\n"
            "    }\n"
            "    b: {}\n"
            "}"
        ),
    ),
    ("for i in 0..3{Dense(2+i)}", "for i in 0..3 {\n    Dense(2 + i)\n}"),
    ("for i in (1+2)..n-1{}", "for i in (1 + 2)..n - 1 {}"),
    ("image:{Dense(2)}Dense(3)", "image: {\n    Dense(2)\n}\nDense(3)"),
    ("Bidirectional( LSTM( 4 ) )", "Bidirectional(LSTM(4))"),
    ("HPO(choice(Dense(2),Dropout(.5)))", "HPO(choice(Dense(2), Dropout(.5)))"),
    ("Dense(units : 2)", "Dense(units: 2)"),
    ('Dense(2,activation = "relu")', 'Dense(2, activation="relu")'),
    ("Dense(2,)", "Dense(2)"),
    ("Residual", "Residual"),
    (
        'Dense( # units\n2, # size\n# kind\n"relu" # act\n# end\n)',
        (
            "Dense(  # units\n"
            "    2,  # size\n"
            "    # kind\n"
            '    "relu",  # act\n'
            "    # end\n"
            ")"
        ),
    ),
    ("Dense(2 # a\n)", "Dense(\n    2,  # a\n)"),
    ("Dense # a\n(2)", "# a\nDense(2)"),
    ("x = # a\nDense(2)", "# a\nx = Dense(2)"),
    ("Dense(2) * # a\n3", "# a\nDense(2) * 3"),
    ("Dense(2)(a # a\n, b)", "Dense(2)(\n    a,  # a\n    b,\n)"),
    ("Dense((1 # a\n+ 2))", "Dense(\n    # a\n    (1 + 2),\n)"),
    ("for i in 0 # a\n..3 { Dense(2) }", "# a\nfor i in 0..3 {\n    Dense(2)\n}"),
    ("Dense(2); # a\nDense(3)", "Dense(2)  # a\nDense(3)"),
    (
        (
            'Conv2D(filters=64, kernel_size=(3, 3), strides=(2, 2), padding="same", activation="relu", '
            'use_bias=false, name="conv")'
        ),
        (
            "Conv2D(\n"
            "    filters=64,\n"
            "    kernel_size=(3, 3),\n"
            "    strides=(2, 2),\n"
            '    padding="same",\n'
            '    activation="relu",\n'
            "    use_bias=false,\n"
            '    name="conv",\n'
            ")"
        ),
    ),
    (
        (
            "MultiHeadAttention(num_heads=8, key_dim=64, value_dim=64, dropout=0.1)(query_of_the_decode"
            "r, value_of_the_encoder, key_of_the_encoder)"
        ),
        (
            "MultiHeadAttention(\n"
            "    num_heads=8,\n"
            "    key_dim=64,\n"
            "    value_dim=64,\n"
            "    dropout=0.1,\n"
            ")(query_of_the_decoder, value_of_the_encoder, key_of_the_encoder)"
        ),
    ),
    (
        (
            'x = HPO(choice(Dense(64, "relu", use_bias=false), Dropout(0.5), Conv2D(filters=64, kernel_'
            'size=3, padding="same")))'
        ),
        (
            "x = HPO(\n"
            "    choice(\n"
            '        Dense(64, "relu", use_bias=false),\n'
            "        Dropout(0.5),\n"
            '        Conv2D(filters=64, kernel_size=3, padding="same"),\n'
            "    ),\n"
            ")"
        ),
    ),
    ("Dense(2)(a,)", "Dense(2)(a)"),
    ("Dense((3,),)", "Dense((3,))"),
    ("Dense((3 # a\n,))", "Dense(\n    (\n        3,  # a\n    ),\n)"),
    ("Dense((3,) # a\n)", "Dense(\n    (3,),  # a\n)"),
    ("Add()(a\n# a\n, b)", "Add()(\n    a,\n    # a\n    b,\n)"),
    ("Dense((1,2), # a\n)", "Dense(\n    (1, 2),  # a\n)"),
    ("Dense(2) * (# a\n3)", "# a\nDense(2) * (3)"),
    ("Residual() { Dense(6) } * (1 # a\n+ 1)", "Residual() {\n    Dense(6)\n    # a\n} * (1 + 1)"),
    ("Parallel() { # a\n# b\none: { } # c\n# d\n}", "Parallel() {  # a\n    # b\n    one: {}  # c\n    # d\n}"),
    ("Dense(2) # a   \n", "Dense(2)  # a"),
    ("A # a\n{ Dense(2) }", "# a\nA {\n    Dense(2)\n}"),
]  # fmt: skip


def of_layers(statements: str) -> str:
    return f"network N {{ input: (6,) layers: {statements} }}"


def laid_out(statements: str) -> str:
    lines = "".join(f"        {line}\n" if line else "\n" for line in statements.split("\n"))
    return f"network N {{\n    input: (6,)\n    layers:\n{lines}}}\n"


ROWS = [*PROGRAMS, *((of_layers(written), laid_out(formatted)) for written, formatted in STATEMENTS)]


@pytest.mark.parametrize(("written", "formatted"), ROWS, ids=range(1, len(ROWS) + 1))
def test_layout(written: str, formatted: str) -> None:
    assert format_source(written) == formatted
    assert format_source(formatted) == formatted
    check_format(written)


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
@pytest.mark.parametrize(("written", "formatted"), ROWS, ids=range(1, len(ROWS) + 1))
def test_every_line_end_gives_the_same_layout(written: str, formatted: str, line_end: str) -> None:
    assert format_source(written.replace("\r\n", "\n").replace("\n", line_end)) == formatted


@pytest.mark.parametrize(("written", "formatted"), ROWS, ids=range(1, len(ROWS) + 1))
def test_a_line_is_as_wide_as_a_line_may_be(written: str, formatted: str) -> None:
    """A line beyond the width holds no list that could be opened: here, that is one long sum."""
    for line in formatted.split("\n"):
        assert len(line) <= WIDTH or line.count(" + ") > 4


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_of_the_project_stands_in_the_canonical_layout(path: Path) -> None:
    assert canonical(path.read_text(encoding="utf-8"))


#: A comment in each gap between two words of a program that holds every construct.
WORDS = """
let k = ( 1 , ) in 0 .. max ( 3 , 4 )
define A ( x , y = [ 2 ] ) { Dense ( x , "relu" ) }
research R { metrics { accuracy : 0.9 , loss : { a : 1 } } }
network N {
input : { a : ( 4 , 3 ) int32 , b : ( 3 ) }
layers :
x = Dense ( 2 , units = ( 1 + 2 ) ) ( a , b ) @ "cpu" * ( k - 1 )
Residual ( merge = "add" ) { Dense ( 2 ) ; Dense ( 3 ) } * 2
Parallel { left : { A } right : { } }
for i in 0 .. 3 { Dense ( 2 ** i if i < 2 else - 1 ) }
a : { HPO ( choice ( LSTM ( 4 ) , GRU ( 5 ) ) ) }
output : x , y
loss : { a : mse , b : [ "mae" ] }
optimizer : SGD ( learning_rate = Rate ( 0.1 , 5 ) )
metrics : [ "accuracy" ]
train : { epochs : 3 ; seed : 1 }
execute { device : "auto" }
}
"""
GAPS = [index for index, character in enumerate(WORDS) if character in " \n"]


def test_the_program_with_gaps_is_read() -> None:
    assert parse(WORDS).diagnostics == ()
    assert len(GAPS) > 200


def test_a_comment_may_stand_in_every_gap() -> None:
    wrong = []
    for number, gap in enumerate(GAPS):
        form = ("\n\n# note\n\n", " # one\n# two\n", " # note\n")[number % 3]
        source = WORDS[:gap] + form + WORDS[gap + 1 :]
        try:
            check_format(source)
        except AssertionError as error:
            wrong.append((source[max(gap - 20, 0) : gap + 20], str(error).split("\n")[0]))
    assert wrong == []


def test_a_comment_in_every_gap_at_once() -> None:
    source = "".join(f" # {index}\n" if index in GAPS else character for index, character in enumerate(WORDS))
    check_format(source)
    assert len(comments(format_source(source))) == len(GAPS)


#: Layouts at the edge: commas and semicolons that go, with comments beside them.
EDGES = [
    "let a = 1 # a\n;; # b\n",
    "let a = 1 ; # a\n; # b\n",
    "network N { input: (4) layers: Dense(2) } # a\n;;# b\nlet a = 1",
    "network N { loss: mse\n\ntrain { , # a\n} input: (4) layers: Dense(2) }",
    "network N { loss: mse train { epochs: 1 , # a\n, # b\n} input: (4) layers: Dense(2) }",
    "network N { loss: mse train { epochs: 1 # a\n,, # b\n} input: (4) layers: Dense(2) }",
    "network N { loss: mse train { epochs: 1 # a\n;, # b\n,; # c\n seed: 2 } input: (4) layers: Dense(2) }",
    "research R { metrics { , # a\n; # b\n} }",
    of_layers("Dense(2) # a\n;; # b\nDense(3)"),
    of_layers("; # a\n; # b\nDense(3)"),
    of_layers("Residual() { ; # a\n; # b\n} * (2 # c\n)"),
]


@pytest.mark.parametrize("source", EDGES)
def test_what_is_left_out_leaves_its_comments(source: str) -> None:
    check_format(source)


def test_a_layout_that_would_be_too_large_is_refused() -> None:
    statement = "Residual(){Dense(2)}"
    source = of_layers(statement * (DEFAULT_LIMITS.source_bytes // len(statement) - 4))
    assert parse(source).diagnostics == ()
    with pytest.raises(NeuralError) as raised:
        format_source(source)
    assert [each.code for each in raised.value.diagnostics] == ["N107"]
    assert "laid out it would have more" in raised.value.diagnostics[0].message
    check_any(source)


BROKEN = ["network N {", "Dense(2)", "let a =", "network N { input: (4) layers: Dense(2 3) }", 'let a = "b']


@pytest.mark.parametrize("source", BROKEN)
def test_what_cannot_be_read_is_not_formatted(source: str) -> None:
    with pytest.raises(NeuralError) as raised:
        format_source(source)
    assert raised.value.diagnostics == parse(source).diagnostics
