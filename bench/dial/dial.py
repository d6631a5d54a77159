# SPDX-License-Identifier: MIT
"""dial.py HOST PORT - what dial.c measures, by asyncio."""
import asyncio
import sys
import time


async def main():
    """One connect."""
    began = time.monotonic()
    _, writer = await asyncio.open_connection(
        sys.argv[1], int(sys.argv[2]), happy_eyeballs_delay=0.25)
    print(f"{(time.monotonic() - began) * 1e3:.1f}")
    writer.close()


asyncio.run(main())
