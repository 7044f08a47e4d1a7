"""The embedded PostgreSQL: start it, find it, stop it, save it.

with serving(home) as server:        # the program that started it stops it
    connect(server.url("postgres", "seuil"))
"""

from core.kernel.postgres.binaries import ServerError
from core.kernel.postgres.homes import data_home, has_data
from core.kernel.postgres.server import (
    DATABASE,
    SUPERUSER,
    Server,
    fleeting,
    keep,
    running,
    serving,
    start,
    stop,
)

__all__ = [
    "DATABASE",
    "SUPERUSER",
    "Server",
    "ServerError",
    "data_home",
    "fleeting",
    "has_data",
    "keep",
    "running",
    "serving",
    "start",
    "stop",
]
