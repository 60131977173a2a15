"""The playground as a web application: ``create_app()`` makes it, from the environment alone."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from webapp import errors, formatting, limits, responses, security
from webapp.assets import Assets, folder
from webapp.config import Config
from webapp.contexts import render
from webapp.gallery import Gallery
from webapp.metrics import Metrics
from webapp.storage import Storage
from webapp.verifications import Verifications
from webapp.verifying import Verifier
from webapp.views import api, docs, health, layers, metrics, models, playground, static, verification

__all__ = ["Config", "create_app"]


def create_app(config: Config | Mapping[str, str] | None = None) -> Flask:
    """Return the application, with the settings given, or those of the environment (or of a mapping like it)."""
    settings = config if isinstance(config, Config) else Config.from_environment(*([config] if config else []))
    app = Flask(__name__, static_folder=None, template_folder=str(folder("templates")))
    app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts) or None
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes + 1  # one byte over is seen, and refused
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body_bytes
    assets = Assets(folder("static"))
    app.extensions["config"] = settings
    app.extensions["assets"] = assets
    app.extensions["storage"] = storage = Storage(settings.database_url)
    app.extensions["verifier"] = Verifier(Verifications(storage))
    app.extensions["examples"] = Gallery(folder("examples"))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=assets.url, modules=assets.modules, nonce=security.nonce, render=render)
    app.jinja_env.filters.update(marked=formatting.marked, shape=formatting.shape)
    if settings.metrics_token:
        Metrics().register(app)
    app.before_request(limits.check_request)
    app.before_request(security.check_origin)
    app.after_request(responses.compress)
    app.after_request(security.add_headers)
    errors.register(app)
    for area in (playground, models, verification, api, docs, layers, health, metrics, static):
        app.register_blueprint(area.blueprint)
    return app
