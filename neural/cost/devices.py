"""Devices: what their vendors state of arithmetic, memory bandwidth and memory, each with its source.

Peaks are of dense matrices, never of sparse ones. float32 is full precision: the shorter TF32 is not counted as it.
Half and double precision are those of the matrix units, half with sums in float32. Sizes are decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from neural.records import dataclass
from neural.suggest import nearest

TERA: Final = 10**12
GIGA: Final = 10**9


@dataclass(frozen=True, slots=True)
class Device:
    """A device: peak FLOPs a second by type, bytes of memory a second, bytes of memory, and where that is stated."""

    key: str
    name: str
    peak: Mapping[str, int]
    bandwidth: int
    memory: int
    source: str

    def rate(self, dtype: str) -> int | None:
        """Return its peak FLOPs a second for a type of the report; None where its vendor states none."""
        return self.peak.get("float16" if dtype == "mixed" else dtype)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "key": self.key,
            "name": self.name,
            "peak_flops": dict(self.peak),
            "bandwidth": self.bandwidth,
            "memory_bytes": self.memory,
            "source": self.source,
        }


def _device(
    key: str,
    name: str,
    bandwidth: int,
    memory: int,
    source: str,
    *,
    half: tuple[float, float | None],
    full: float,
    double: float | None,
) -> Device:
    """Return a device of figures in TFLOP/s, GB/s and GB; ``half`` is float16 and bfloat16."""
    rates = {"float16": half[0], "bfloat16": half[1], "float32": full, "float64": double}
    peak = {dtype: round(rate * TERA) for dtype, rate in rates.items() if rate is not None}
    return Device(key, name, peak, bandwidth * GIGA, memory * GIGA, source)


_NVIDIA: Final = "https://www.nvidia.com/en-us/data-center"
_ADA: Final = "https://images.nvidia.com/aem-dam/Solutions/geforce/ada/nvidia-ada-gpu-architecture.pdf"
_T4: Final = "https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/tesla-t4/t4-tensor-core-product-brief.pdf"
_MI300X: Final = "https://www.amd.com/en/products/accelerators/instinct/mi300/mi300x.html"

#: Every device by the name that a person chooses it by.
DEVICES: Final[Mapping[str, Device]] = {
    device.key: device
    for device in (
        _device("H200", "NVIDIA H200 SXM", 4800, 141, f"{_NVIDIA}/h200/", half=(989.4, 989.4), full=67, double=67),
        _device("H100", "NVIDIA H100 SXM", 3350, 80, f"{_NVIDIA}/h100/", half=(989.4, 989.4), full=67, double=67),
        _device("A100", "NVIDIA A100 80GB SXM", 2039, 80, f"{_NVIDIA}/a100/", half=(312, 312), full=19.5, double=19.5),
        _device("V100", "NVIDIA V100 32GB SXM2", 900, 32, f"{_NVIDIA}/v100/", half=(125, None), full=15.7, double=7.8),
        _device("L4", "NVIDIA L4", 300, 24, f"{_NVIDIA}/l4/", half=(121, 121), full=30.3, double=None),
        _device("T4", "NVIDIA T4", 320, 16, _T4, half=(65, None), full=8.1, double=None),
        _device("RTX4090", "NVIDIA RTX 4090", 1008, 24, _ADA, half=(165.2, 165.2), full=82.6, double=None),
        _device("MI300X", "AMD Instinct MI300X", 5300, 192, _MI300X, half=(1307.4, 1307.4), full=163.4, double=163.4),
    )
}


def find_device(name: str) -> Device:
    """Return a device by its name in any case; raise ``ValueError`` that names the others."""
    by_name = {key.lower(): device for key, device in DEVICES.items()}
    found = by_name.get(name.lower().replace(" ", "").replace("-", ""))
    if found is None:
        close = nearest(name, tuple(DEVICES), 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(f"device is one of {', '.join(DEVICES)}, got {name!r}{hint}")
    return found
