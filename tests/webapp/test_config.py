"""Settings come from the environment and are checked before anything is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp import config as module
from webapp.analysis import run
from webapp.config import Config, ConfigError
from webapp.settings import OPTIMIZERS, Settings


def test_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "CHECKOUT", tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(module.sys, "platform", "linux")
    config = Config.from_environment({})
    assert config.database_url == f"sqlite:///{tmp_path / 'data' / 'neural-playground' / 'playground.db'}"
    assert (config.max_body_bytes, config.max_source_bytes) == (320 * 1024, 256 * 1024)
    (tmp_path / "pyproject.toml").touch()
    assert Config.from_environment({}).database_url == f"sqlite:///{tmp_path / 'instance' / 'playground.db'}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "models.db"),
        ("BASE_URL", "play.example"),
        ("BASE_URL", "ftp://play.example"),
        ("BASE_URL", "https://play.example/path"),
        ("TRUSTED_HOSTS", "https://play.example"),
        ("MAX_BODY_BYTES", "lots"),
        ("MAX_BODY_BYTES", "0"),
        ("MAX_SOURCE_BYTES", "-1"),
        ("MAX_URL_CHARACTERS", "1.5"),
        ("MAX_PAYLOAD_CHARACTERS", "٣"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_TOKEN", "fifteen letters"),
        ("METRICS_TOKEN", "sixteen letters or more"),
        ("METRICS_TOKEN", "sixteen-letters-\n"),
        ("METRICS_TOKEN", "sixteen-letters-ß"),
    ],
)
def test_wrong_values_are_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_environment({name: value})


def test_hosts() -> None:
    assert Config.from_environment({}).trusted_hosts == ()
    assert Config.from_environment({"TRUSTED_HOSTS": "a.example, b.example"}).trusted_hosts == (
        "a.example",
        "b.example",
    )
    assert "play.example" in Config.from_environment({"BASE_URL": "https://play.example/"}).trusted_hosts
    assert Config.from_environment({"BASE_URL": "https://play.example/"}).base_url == "https://play.example"


def test_a_short_scheme_is_made_long() -> None:
    assert Config.from_environment({"DATABASE_URL": "postgres://h/d"}).database_url == "postgresql://h/d"


def test_settings_are_read_and_written() -> None:
    assert Settings.read({}) == Settings()
    assert Settings.read(
        {"batch": " 8 ", "dtype": "FLOAT16", "framework": "PyTorch", "optimizer": "adamw"}
    ) == Settings("pytorch", 8, "float16", "AdamW")
    assert Settings().query() == ""
    assert Settings("pytorch", 8).query() == "?framework=pytorch&batch=8"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_engine_knows_every_optimizer_offered(optimizer: str) -> None:
    report = run("network A { input: (2) layers: Dense(2) }", Settings(optimizer=optimizer))
    assert report.optimizer == optimizer
