"""SQLite's disk is full, its file is locked."""

import asyncio
import os
import sqlite3
import subprocess

from cases import fault
from faults.services import Missing
from faults.world import World


@fault("SQLite: locked by another process for 8 s")
async def locked(times):
    async with World() as world:
        runs = world.load(4, followers=2, tokens=300, every=0.02)
        await world.begun(runs)
        database = sqlite3.connect(f"{world.nodes[0].directory}/data/chat.sqlite", isolation_level=None, timeout=10)
        database.execute("BEGIN IMMEDIATE")
        late = world.load(2, followers=1, tokens=20, every=0.01)
        await asyncio.sleep(8)
        database.execute("ROLLBACK")
        database.close()
        await world.settle(runs + late)
        return await world.verdict(allowed=("complete",))


@fault("SQLite: disk full for 5 s")
async def full(times):
    if os.getuid() != 0:
        raise Missing("root, to mount a small disk")
    async with World() as world:
        node = world.nodes[0]
        await node.terminate()
        data = f"{node.directory}/data"
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", data], check=True)
        try:
            await node.start()
            runs = world.load(4, followers=2, tokens=500, every=0.02, size=200)
            await world.begun(runs)
            await asyncio.sleep(1)
            fill(f"{data}/ballast")
            late = world.load(2, followers=1, tokens=20, every=0.01)
            await asyncio.sleep(5)
            os.unlink(f"{data}/ballast")
            await world.settle(runs + late)
            return await world.verdict(allowed=("complete",))
        finally:
            await node.kill()
            subprocess.run(["umount", data], check=True)


def fill(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 16))
        except OSError:
            try:
                while True:
                    file.write(b"\0")
            except OSError:
                pass
