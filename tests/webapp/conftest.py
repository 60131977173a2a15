"""An application over a database of its own, and a client that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp import Config, create_app, verifying

MNIST = (Path(__file__).parents[2] / "examples" / "mnist.neural").read_text(encoding="utf-8")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    # As where the frameworks are installed; what is verified is each test's own affair.
    monkeypatch.setattr(verifying, "versions", lambda: ("0", "2.13.0", "3.15.0"))
    app = create_app(Config(database_url=f"sqlite:///{tmp_path / 'models.db'}"))
    yield app
    app.extensions["storage"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def shared(client: FlaskClient) -> str:
    """The address of a stored MNIST."""
    return client.post("/models", data={"source": MNIST}).headers["Location"]


@pytest.fixture
def mnist() -> str:
    return MNIST
