"""Where Piccolo finds the engine and the apps whose tables it migrates."""

from __future__ import annotations

from piccolo.conf.apps import AppRegistry

from core.extension.discovery import plugin_apps
from core.kernel.database import ENGINE

DB = ENGINE
APP_REGISTRY = AppRegistry(apps=["core.piccolo_app", *plugin_apps()])
