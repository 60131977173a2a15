"""The page about costs states what the table of devices does."""

from __future__ import annotations

from pathlib import Path

from neural.cost.devices import DEVICES

PAGE = Path(__file__).parents[2] / "docs" / "costs.md"


def amount(value: float | None, unit: int) -> str:
    return "" if value is None else f"{value / unit:,.1f}".removesuffix(".0")


def test_every_device_and_every_figure_is_on_the_page() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| [")]
    for row, device in zip(rows, DEVICES.values(), strict=True):
        name, *figures = (cell.strip() for cell in row.strip("|").split("|"))
        assert name.startswith(f"[{device.key}]({device.source})")
        rates = [amount(device.rate(dtype), 10**12) for dtype in ("float16", "bfloat16", "float32", "float64")]
        assert figures == [*rates, amount(device.bandwidth, 10**9), amount(device.memory, 10**9)]
