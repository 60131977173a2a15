"""Devices as programs name them."""

from __future__ import annotations

import re

from neural.binding.scope import BindError, Scope
from neural.layers.fields import show
from neural.syntax import Literal

_DEVICE = re.compile(r"(auto|(cpu|gpu|cuda|mps|tpu|xpu)(:[0-9]{1,3})?)\Z")


def known_device(value: object) -> bool:
    """Whether a value names a device: ``cpu``, ``cuda:1``, ``auto`` and so on, in any case."""
    return isinstance(value, str) and _DEVICE.match(value.lower()) is not None


def check_device(device: Literal, scope: Scope) -> str:
    """Return the device a layer is placed on, in lower case; raise ``BindError`` when there is none of that name."""
    if not known_device(device.value):
        raise BindError(
            "N502",
            f"there is no device {show(device.value)}",
            scope.at(device.range),
            help='devices are "auto", "cpu", "gpu", "cuda", "mps", "tpu", "xpu", with a number as in "cuda:0"',
        )
    return str(device.value).lower()
