"""The tables and migrations of the plugin, for Piccolo."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="programmes",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(["plugins.programmes.tables"], exclude_imported=True),
    migration_dependencies=["core.piccolo_app"],
)
