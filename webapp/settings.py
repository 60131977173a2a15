"""The choices of one analysis (framework, batch, dtype, optimizer, device), read from a form, a query or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final
from urllib.parse import urlencode

from neural.cost.devices import DEVICES
from neural.cost.memory import DTYPES
from neural.cost.report import FRAMEWORKS, Framework

LARGEST_BATCH: Final = 1_000_000
OPTIMIZERS: Final = ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "AdamW", "Adamax", "Nadam")


class SettingError(ValueError):
    """A setting outside its choices; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an analysis depends on beside the source. An empty optimizer is the program's own, an empty device none."""

    framework: Framework = "tensorflow"
    batch: int = 1
    dtype: str = "float32"
    optimizer: str = ""
    device: str = ""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Settings:
        """Return the settings in ``values``, where one that is absent or empty has its default."""
        default = cls()
        framework = _choice(values, "framework", FRAMEWORKS, default.framework)
        return cls(
            framework="pytorch" if framework == "pytorch" else "tensorflow",
            batch=_batch(values.get("batch"), default.batch),
            dtype=_choice(values, "dtype", DTYPES, default.dtype),
            optimizer=_choice(values, "optimizer", ("", *OPTIMIZERS), default.optimizer),
            device=_choice(values, "device", ("", *DEVICES), default.device),
        )

    def query(self) -> str:
        """Return the settings that differ from the defaults as a query, with its question mark, or nothing."""
        default = Settings()
        changed = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if getattr(self, each.name) != getattr(default, each.name)
        }
        return f"?{urlencode(changed)}" if changed else ""


def _choice(values: Mapping[str, Any], name: str, choices: tuple[str, ...], default: str) -> str:
    value = values.get(name)
    if value is None or value == "":
        return default
    for choice in choices:
        if isinstance(value, str) and value.lower() == choice.lower():
            return choice
    raise SettingError(f"{name} must be one of {', '.join(choice for choice in choices if choice)}")


def _batch(value: object, default: int) -> int:
    if value is None or value == "":
        return default
    text = str(value).strip()
    whole = isinstance(value, int | str) and not isinstance(value, bool)
    if not (whole and text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= LARGEST_BATCH):
        raise SettingError(f"batch must be a whole number from 1 to {LARGEST_BATCH:,}")
    return int(text)
