"""The only server is killed, paused, drained, or its clock is set."""

import asyncio
import os
import random
import shutil
import signal
import time

from cases import fault
from faults.audit import Verdict
from faults.services import Missing
from faults.world import World


@fault("server: kill -9 of the only one", times=50, quick=4)
async def killed(times):
    async with World() as world:
        verdict = Verdict()
        for _ in range(times):
            runs = world.load(4, followers=2, tokens=120, every=0.01)
            await asyncio.sleep(random.uniform(0, 1.4))
            await world.nodes[0].kill()
            await world.nodes[0].start()
            await world.settle(runs)
            verdict += await world.verdict()
            world.next_round()
        return verdict


@fault("server: kill -9 while it saves long answers", times=25, quick=2)
async def killed_in_a_checkpoint(times):
    async with World() as world:
        verdict = Verdict()
        for _ in range(times):
            # 800 KB each: a save is long, and only every eighth is saved.
            runs = world.load(4, followers=1, tokens=400, every=0.004, size=2000)
            await world.begun(runs)
            await asyncio.sleep(random.uniform(0.3, 1.5))
            await world.nodes[0].kill()
            await world.nodes[0].start()
            await world.settle(runs)
            verdict += await world.verdict()
            world.next_round()
        return verdict


@fault("server: paused for 4 s")
async def paused(times):
    async with World() as world:
        runs = world.load(4, followers=2, tokens=200, every=0.01)
        await world.begun(runs)
        world.nodes[0].signal(signal.SIGSTOP)
        await asyncio.sleep(4)
        world.nodes[0].signal(signal.SIGCONT)
        await world.settle(runs)
        return await world.verdict(allowed=("complete",))


@fault("server: SIGTERM, and started again", times=5, quick=1)
async def drained(times):
    async with World(settings={"DRAIN_SECONDS": "1"}) as world:
        verdict = Verdict()
        for index in range(times):
            # Some end in the time there is, some do not.
            runs = world.load(2, followers=2, tokens=60, every=0.01) + world.load(2, followers=2, tokens=600, every=0.01)
            await world.begun(runs)
            status = await world.nodes[0].terminate()
            if status != 0:
                world.notes.append(f"lost: the server ended with {status}")
            await world.nodes[0].start()
            await world.settle(runs)
            verdict += await world.verdict()
            world.next_round()
        return verdict


@fault("server: clock set forward and back by an hour", times=1)
async def clock_set(times):
    library = next((path for path in ("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1") if os.path.exists(path)), None)
    if library is None or not shutil.which("faketime"):
        raise Missing("faketime")
    clock = f"/tmp/ss-clock-{os.getpid()}"
    set_clock(clock, "+0")
    settings = {
        "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    try:
        async with World(settings=settings) as world:
            runs = world.load(4, followers=2, tokens=250, every=0.02)
            await world.begun(runs)
            for step in ("+3600", "-3600", "+0"):
                set_clock(clock, step)
                late = world.load(1, followers=2, tokens=40, every=0.01)
                await world.begun(late)
                if abs(late[0].created / 1000 - time.time() - int(step)) > 60:
                    world.notes.append(f"lost: the clock was not set by {step}")
                await asyncio.sleep(1.5)
            await world.settle(runs)
            return await world.verdict(allowed=("complete",))
    finally:
        os.unlink(clock)


def set_clock(path, offset):
    with open(path + ".new", "w") as file:
        file.write(offset + "\n")
    os.replace(path + ".new", path)
