"""The tables and migrations of the plugin, for Piccolo."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="skeleton",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(["plugins._skeleton.tables"], exclude_imported=True),
    migration_dependencies=["core.piccolo_app"],
)
