"""The application that the crash drill kills: it writes households and says what is acknowledged.

Run as a program: `python -m tests.drill.ledger_app ADDRESS TERRITORY`. Each line on its output is
a reference whose Unit has committed; whoever reads the lines holds the ledger, outside of here.
"""

from __future__ import annotations

import asyncio
import sys

from core.households.service import NewPerson, create_household
from core.kernel.database import ENGINE
from core.kernel.errors import DatabaseUnavailable
from core.kernel.unit import Unit

WRITERS = 4


async def main(address: str, territory_id: int) -> None:
    await ENGINE.open(address, WRITERS)

    async def writer() -> None:
        while True:
            try:
                async with Unit(territory_id=territory_id) as unit:
                    household_id = await create_household(unit, [NewPerson("Exemple", "Alix")])
                    ref = await unit.value("SELECT ref FROM household WHERE id = $1", household_id)
            except DatabaseUnavailable:
                await asyncio.sleep(0.05)  # down: it comes back by itself, or we are killed
                continue
            sys.stdout.write(f"{ref}\n")
            sys.stdout.flush()

    await asyncio.gather(*(writer() for _ in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
