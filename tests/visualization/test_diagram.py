"""The drawing: everything is on it, nothing overlaps, no line crosses a box, and it is inert whatever the names."""

from __future__ import annotations

import dataclasses
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural.cost.report import Report
from neural.visualization import frame, layout
from neural.visualization.diagram import diagram_svg, mermaid
from tests.visualization.drawing import SVG, Drawing, read
from tests.visualization.reports import (
    PARALLEL,
    PAYLOADS,
    RESIDUAL,
    chain,
    layer_of,
    report_of,
    transformer,
    unet,
)

GRAPHS = {
    "empty": Report(None, "tensorflow", 1, "float32", "adam"),
    "one": chain(1),
    "chain": chain(12),
    "residual": report_of(RESIDUAL),
    "parallel": report_of(PARALLEL, outputs=("out", "aux")),
    "transformer": transformer(3),
    "unet": unet(5),
}


def check(report: Report, drawing: Drawing) -> None:
    """Hold what is true of every good drawing."""
    assert set(drawing.nodes) == {*(each.name for each in report.inputs), *(layer.key for layer in report.layers)}
    boxes = list(drawing.nodes.values())
    for box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= drawing.width + 1
        assert box.y + box.height <= drawing.height + 1
    ordered = sorted(boxes, key=lambda box: box.y)
    for index, box in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other.y >= box.y + box.height:
                break
            assert not box.overlaps(other), (box, other)
    for rectangle, keys in drawing.frames:
        for key, box in drawing.nodes.items():
            assert rectangle.contains(box) if key in keys else not rectangle.overlaps(box), (rectangle, box)
    for key, points in drawing.lines:
        for x, y in points:
            assert -1 <= x <= drawing.width + 1, key
            for box in boxes:
                assert not box.holds(x, y, within=1.5), (key, box)


def check_arrows(report: Report, drawing: Drawing) -> None:
    """Every input that a layer reads ends in an arrow on the top edge of its box."""
    known = set(drawing.nodes)
    for layer in report.layers:
        box = drawing.nodes[layer.key]
        tips = [x for x, y in drawing.tips if abs(y - box.y) < 0.2 and box.x <= x <= box.x + box.width]
        assert len(tips) == len({key for key in layer.inputs if key in known}), layer.key


@pytest.mark.parametrize("name", GRAPHS)
def test_a_drawing_is_whole_and_clear(name: str) -> None:
    report = GRAPHS[name]
    drawing = read(diagram_svg(report))
    check(report, drawing)
    check_arrows(report, drawing)


@st.composite
def graphs(draw: st.DrawFn) -> Report:
    """Any graph: layers that read any earlier ones, in nested groups that follow one another."""
    lines, keys = ["-> input"], ["input"]
    group: list[str] = []
    for number in range(draw(st.integers(1, 24))):
        while group and draw(st.booleans()):
            group.pop()
        while len(group) < 4 and draw(st.integers(0, 3)) == 0:
            group.append(f"G{number}_{len(group)}")
        inputs = draw(st.lists(st.sampled_from(keys[-8:]), min_size=1, max_size=3, unique=True))
        lines.append(f"layer{number} Add {','.join(inputs)} {'/'.join(group)}")
        keys.append(f"layer{number}")
    return report_of("\n".join(lines))


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_any_graph_is_drawn_clearly(report: Report) -> None:
    drawing = read(diagram_svg(report))
    check(report, drawing)
    check_arrows(report, drawing)


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_lines_without_lanes_go_around(report: Report) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "_LANES", 0)
        drawing = read(diagram_svg(report))
    check(report, drawing)
    check_arrows(report, drawing)


def test_a_chain_runs_straight_down() -> None:
    drawing = read(diagram_svg(chain(20)))
    assert len({box.x for box in drawing.nodes.values()}) == 1


def test_a_shortcut_does_not_bend_the_trunk() -> None:
    drawing = read(diagram_svg(report_of(RESIDUAL)))
    trunk = [drawing.nodes[key].x for key in ("conv0", "conv1", "bn1", "relu1", "conv2", "add1", "relu2")]
    assert max(trunk) - min(trunk) < 1


def test_branches_stand_side_by_side() -> None:
    drawing = read(diagram_svg(report_of(PARALLEL)))
    row = [drawing.nodes[key] for key in ("a1", "b1", "c1", "d1")]
    assert len({box.y for box in row}) == 1
    assert [box.x for box in row] == sorted(box.x for box in row)


def test_work_grows_with_the_size_and_no_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    cell = frame.Cell
    monkeypatch.setattr(frame, "Cell", lambda *args, **kwargs: made.append(1) or cell(*args, **kwargs))
    diagram_svg(unet(3000))
    assert len(made) < layout._LANES + 5 * 3000 + 10


def test_groups_too_deep_to_frame_are_drawn() -> None:
    deep = tuple(f"g{depth}" for depth in range(2000))
    report = dataclasses.replace(chain(1), layers=(layer_of("x", "Dense", ("input",), deep),))
    assert diagram_svg(report).count('class="group"') == layout.DEEPEST_FRAME


def test_nodes_join_to_rows_and_lines() -> None:
    root = ElementTree.fromstring(diagram_svg(GRAPHS["parallel"]))
    nodes = {each.get("data-key"): each for each in root.iter(f"{SVG}g") if each.get("data-key")}
    stem = nodes["stem"]
    assert stem.get("data-line") == "2"
    assert stem.get("tabindex") == "0"
    assert stem.get("class") == "node kind-convolution"
    assert nodes["aux"].get("class") == "node kind-core output"
    title = stem.findtext(f"{SVG}title")
    assert title == (
        "Conv2D stem\n(None, 32, 32, 64)\n1,000 parameters, 4,000 FLOPs (1 MAC = 2 FLOPs, batch 1, float32)"
    )


@pytest.mark.parametrize("status", ["error", "unknown"])
def test_a_layer_without_a_shape_is_marked(status: str) -> None:
    broken = dataclasses.replace(layer_of("x", "Dense", ("input",)), status=status, output_shape=None)  # type: ignore[arg-type]
    svg = diagram_svg(dataclasses.replace(chain(1), layers=(broken,), outputs=()))
    assert f'class="node kind-core {status}"' in svg
    assert "shape unknown" in svg


def test_it_has_classes_and_no_style_of_its_own() -> None:
    svg = diagram_svg(GRAPHS["residual"])
    assert not re.search(r"style|<script|#[0-9a-f]{3}", svg)
    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg)) == {"none", "currentColor"}
    assert "<style>" in diagram_svg(GRAPHS["residual"], standalone=True)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_are_inert(payload: str) -> None:
    report = report_of("-> input\nlayer Dense input Group_1", name=payload)
    hostile = dataclasses.replace(report.layers[0], key=payload, name=payload, type=payload, group=(payload,))
    for standalone in (False, True):
        svg = diagram_svg(dataclasses.replace(report, layers=(hostile,), outputs=(payload,)), standalone=standalone)
        root = ElementTree.fromstring(svg.encode())
        tags = {each.tag.removeprefix(SVG) for each in root.iter()}
        assert tags <= {"svg", "style", "g", "path", "rect", "text", "title"}
        names = {name for each in root.iter() for name in each.attrib}
        assert not [name for name in names if name.startswith("on") or "href" in name or name == "style"]


def drawn(type: str, name: str, *sizes: int) -> dict[str, str]:
    """Return the texts of one layer as they are drawn."""
    layer = dataclasses.replace(layer_of("x", type), name=name, output_shape=(None, *sizes))
    svg = diagram_svg(dataclasses.replace(chain(1), layers=(layer,)))
    return dict(re.findall(r'<text class="(\w+)"[^>]*>([^<]*)</text>', svg)[-3:])


def test_text_is_cut_to_its_box() -> None:
    texts = drawn("Dense", "n" * 500, *(1024,) * 30)
    assert texts["type"] == "Dense"
    assert re.fullmatch("n{20,}…", texts["name"])
    assert re.fullmatch(r"\(None, 1024, .*…", texts["shape"])
    assert len(texts["shape"]) < 40


def test_a_name_that_has_no_room_is_left_out() -> None:
    assert drawn("GlobalAveragePooling2D", "global_average_pooling2d", 8)["name"] == ""
    assert drawn("GlobalAveragePooling2D", "pool", 8)["name"] == "pool"


def test_mermaid() -> None:
    report = report_of(
        """
        -> input
        a Conv2D input Block_1
        b Add input,a Block_1/inner
        c Dense b
        """
    )
    assert mermaid(report) == (
        "flowchart TD\n"
        '    n0(["Input input<br/>(None, 32, 32, 3)"])\n'
        '    subgraph g0_n1["Block_1"]\n'
        '        n1["Conv2D a<br/>(None, 32, 32, 64)"]\n'
        '        subgraph g1_n2["inner"]\n'
        '            n2["Add b<br/>(None, 32, 32, 64)"]\n'
        "        end\n"
        "    end\n"
        '    n3["Dense c<br/>(None, 32, 32, 64)"]\n'
        "    n0 --> n1\n"
        "    n0 --> n2\n"
        "    n1 --> n2\n"
        "    n2 --> n3\n"
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_mermaid_keeps_names_in_their_quotes(payload: str) -> None:
    report = report_of("-> input\nlayer Dense input")
    hostile = dataclasses.replace(report.layers[0], name=payload, group=(payload,))
    for line in mermaid(dataclasses.replace(report, layers=(hostile,))).splitlines():
        assert line.isprintable()
        assert line.count('"') in (0, 2)
        assert re.sub(r'"[^"]*"', "", line).replace("<br/>", "").isascii()
        assert "<" not in line.replace("<br/>", "")
