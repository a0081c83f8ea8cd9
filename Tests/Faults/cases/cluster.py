"""Two servers on PostgreSQL and Redis: one is killed, paused, drained."""

import asyncio
import random
import signal
import time

from cases import fault
from faults import wire
from faults.audit import Verdict
from faults.world import World


@fault("two servers: kill -9 of one, started again", times=50, quick=2)
async def restarted(times):
    async with World(nodes=2) as world:
        verdict = Verdict()
        for index in range(times):
            runs = world.load(6, followers=2, tokens=120, every=0.01)
            await asyncio.sleep(random.uniform(0, 1.4))
            await world.nodes[index % 2].kill()
            await world.nodes[index % 2].start()
            await world.settle(runs)
            verdict += await world.verdict()
            world.next_round()
        return verdict


@fault("two servers: kill -9 of one, which stays away", times=5, quick=1)
async def replaced(times):
    async with World(nodes=2) as world:
        verdict = Verdict()
        for index in range(times):
            runs = world.load(6, followers=2, tokens=400, every=0.01)
            await world.begun(runs)
            await asyncio.sleep(random.uniform(0, 1))
            await world.nodes[index % 2].kill()
            start = time.monotonic()
            await world.settle(runs)
            took = time.monotonic() - start
            world.notes.append(f"{'lost: ' if took > 15.5 else ''}the other ended them {took:.1f} s after the death")
            await world.nodes[index % 2].start()
            verdict += await world.verdict()
            world.next_round()
        return verdict


@fault("two servers: one paused beyond its lease", times=3, quick=1)
async def paused(times):
    async with World(nodes=2) as world:
        verdict = Verdict()
        for index in range(times):
            node = world.nodes[index % 2]
            runs = world.load(6, followers=2, tokens=500, every=0.01)
            await world.begun(runs)
            await asyncio.sleep(random.uniform(0, 1))
            node.signal(signal.SIGSTOP)
            await asyncio.sleep(16)
            node.signal(signal.SIGCONT)
            await world.settle(runs)
            verdict += await world.verdict()
            world.next_round()
        return verdict


@fault("two servers: SIGTERM of one under load", times=6, quick=1)
async def drained(times):
    async with World(nodes=2, settings={"DRAIN_SECONDS": "10"}) as world:
        verdict = Verdict()
        for index in range(times):
            node = world.nodes[index % 2]
            runs = world.load(8, followers=2, tokens=200, every=0.01)
            await world.begun(runs)
            status = await node.terminate()
            if status != 0:
                world.notes.append(f"lost: the server ended with {status}")
            await world.settle(runs)
            await node.start()
            verdict += await world.verdict(allowed=("complete",))
            world.next_round()
        return verdict


@fault("two servers: stop on the other one", times=20, quick=4)
async def stopped(times):
    async with World(nodes=2) as world:
        runs = world.load(times, followers=2, tokens=500, every=0.02)
        await world.begun(runs)
        await asyncio.sleep(0.5)
        slowest = 0.0
        for index, run in enumerate(runs):
            # Run `index` was asked of node `index`.
            start = asyncio.get_running_loop().time()
            await wire.request(world.nodes[(index + 1) % 2].port, "POST", f"/api/runs/{run.message}/cancel", {})
            while run.tag not in world.upstream.closed_early:
                await asyncio.sleep(0.005)
                if asyncio.get_running_loop().time() > start + 10:
                    break
            slowest = max(slowest, world.upstream.closed_early.get(run.tag, start + 10) - start)
        world.notes.append(f"{'lost: ' if slowest >= 10 else ''}the provider's connection closed within {slowest * 1000:.0f} ms")
        await world.settle(runs)
        return await world.verdict(allowed=("cancelled",))


@fault("two servers: the same request and the same branch at once", times=20, quick=5)
async def raced(times):
    async with World(nodes=2) as world:
        for _ in range(times):
            run = world.load(1, followers=2, tokens=40, every=0.01)[0]
            # Both ask, each at its own node.
            world.followers[-1].asks = True
            await world.begun([run])
            status, _ = await wire.request(
                world.nodes[1].port, "POST", "/api/chat", {"conversationId": run.conversation, "prompt": "x", "provider": "acme", "model": "numbered"}
            )
            if status != 409:
                world.notes.append(f"lost: a busy branch answered {status}")
        await world.settle()
        return await world.verdict(allowed=("complete",))
