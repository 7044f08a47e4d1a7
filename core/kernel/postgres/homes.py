"""Where the embedded server keeps its data when nobody said where."""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.kernel.postgres.binaries import runner

DEFAULT = Path(".seuil")
SYSTEM = Path("/var/lib/seuil")


def data_home(asked: Path) -> Path:
    """`asked`, unless it is the default and lies where the server's account may not enter.

    As root the server runs as another account, and a checkout is often in a folder of root's own
    (/root, a temporary folder). A SEUIL_HOME that someone chose is never moved: it is refused with
    what to do. The default one is: to a folder of its own under /var/lib, one per checkout.
    """
    if asked != DEFAULT:
        return asked
    account = runner()
    here = Path.cwd()
    if not account.switched or account.closed_to(here) is None:
        return asked
    mark = hashlib.sha256(str(here).encode()).hexdigest()[:8]
    return SYSTEM / f"{here.name}-{mark}"


def has_data(home: Path) -> bool:
    """Whether a server's data was ever made in this home. Looks only."""
    return (home / "pg" / "PG_VERSION").exists()
