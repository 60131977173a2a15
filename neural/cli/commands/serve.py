"""``neural serve``: the playground on this machine."""

from __future__ import annotations

import importlib
import importlib.util
import runpy
import sys
from pathlib import Path
from typing import Any, Final

import click

from neural.cli.console import Refused

# The web application is named and never imported here, so that commands need no web framework.
_APPLICATION: Final = "webapp"


@click.command()
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True, help="Also $HOST.")
@click.option(
    "--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Also $PORT."
)
@click.option(
    "--workers", envvar="WEB_CONCURRENCY", default=1, show_default=True, type=click.IntRange(1), help="Processes."
)
@click.option("--debug", is_flag=True, help="Reload on changes and show errors; for development only.")
def command(host: str, port: int, workers: int, debug: bool) -> None:
    """Serve the playground."""
    if debug or sys.platform == "win32":
        _serve_for_development(host, port, debug)
    else:
        _serve(host, port, workers)


def _create_app() -> Any:
    return importlib.import_module(_APPLICATION).create_app()


def _serve_for_development(host: str, port: int, debug: bool) -> None:
    """Run werkzeug's server: it reloads, and runs where gunicorn does not."""
    from werkzeug.serving import run_simple

    run_simple(host, port, _create_app(), use_reloader=debug, use_debugger=debug, threaded=True)


def _serve(host: str, port: int, workers: int) -> None:
    """Run gunicorn with the settings of production, but for the place and a log for people."""
    from gunicorn.app.base import BaseApplication

    settings = _production_settings() | {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers,
        "accesslog": None,
        "logconfig_dict": {},
        "loglevel": "warning",
        "when_ready": _announce,
    }

    class Server(BaseApplication):  # type: ignore[misc]
        """The web application under gunicorn, without gunicorn's command line."""

        def load_config(self) -> None:
            for name in self.cfg.settings.keys() & settings.keys():
                self.cfg.set(name, settings[name])

        def load(self) -> Any:
            return _create_app()

    Server().run()


def _production_settings() -> dict[str, Any]:
    spec = importlib.util.find_spec(_APPLICATION)
    if spec is None or spec.submodule_search_locations is None:
        raise Refused("the web application is not installed: pip install neural-playground")
    return runpy.run_path(str(Path(spec.submodule_search_locations[0]) / "gunicorn.py"))


def _announce(server: Any) -> None:
    for listener in server.LISTENERS:
        click.echo(f"Neural Playground: {listener} (Ctrl+C stops it)", err=True)
