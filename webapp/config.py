"""Settings of the web application: read from the environment once, and checked before anything is served."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CHECKOUT = Path(__file__).parent.parent


class ConfigError(Exception):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True)
class Config:
    """Everything that whoever runs the server may choose."""

    database_url: str
    base_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    metrics_token: str = ""
    max_body_bytes: int = 320 * 1024
    max_source_bytes: int = 256 * 1024
    max_url_characters: int = 4_096
    max_payload_characters: int = 3_500

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Config:
        """Return the settings of ``environment``; raise ConfigError where one is wrong."""
        base_url = _base_url(environment.get("BASE_URL", ""))
        return cls(
            database_url=_database_url(environment.get("DATABASE_URL", "")),
            base_url=base_url,
            trusted_hosts=_trusted_hosts(environment.get("TRUSTED_HOSTS", ""), base_url),
            metrics_token=_token(environment.get("METRICS_TOKEN", "")),
            max_body_bytes=_size(environment, "MAX_BODY_BYTES", cls.max_body_bytes),
            max_source_bytes=_size(environment, "MAX_SOURCE_BYTES", cls.max_source_bytes),
            max_url_characters=_size(environment, "MAX_URL_CHARACTERS", cls.max_url_characters),
            max_payload_characters=_size(environment, "MAX_PAYLOAD_CHARACTERS", cls.max_payload_characters),
        )


def instance_folder() -> Path:
    """Return the folder of the default database: ``instance`` in a checkout, else the user's data folder."""
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / "instance"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "neural-playground"


def _database_url(value: str) -> str:
    if not value:
        return f"sqlite:///{instance_folder() / 'playground.db'}"
    if "://" not in value:
        raise ConfigError("DATABASE_URL must be a database address such as sqlite:///playground.db")
    # Hosts hand out the short scheme, which SQLAlchemy does not know.
    return value.replace("postgres://", "postgresql://", 1) if value.startswith("postgres://") else value


def _base_url(value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ConfigError("BASE_URL must be a scheme and a host such as https://play.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def _trusted_hosts(value: str, base_url: str) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in value.split(",") if host.strip())
    if any("/" in host or " " in host for host in hosts):
        raise ConfigError("TRUSTED_HOSTS must be host names parted by commas")
    if hosts or not base_url:
        return hosts
    return (urlsplit(base_url).netloc, "localhost", "127.0.0.1", "[::1]")


def _token(value: str) -> str:
    if value and (len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value):
        raise ConfigError("METRICS_TOKEN must be at least 16 visible ASCII characters")
    return value


def _size(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 2**31):
        raise ConfigError(f"{name} must be a whole number from 1 to {2**31 - 1}")
    return int(value)
