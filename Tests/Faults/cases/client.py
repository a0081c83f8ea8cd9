"""Clients that misbehave; the others must not notice."""

import asyncio
import time

from cases import fault
from faults.follower import Follower
from faults.wire import Closed, WebSocket
from faults.world import World


class SlowReader(Follower):
    """Reads a little at a time, from a small buffer."""

    receive_buffer = 4096
    patience = 60

    async def _take(self, frame, socket):
        await super()._take(frame, socket)
        await asyncio.sleep(0.02)


@fault("client: reads slowly")
async def slow(times):
    async with World() as world:
        # 3 MB each, in three seconds.
        runs = world.load(2, followers=1, tokens=1500, every=0.002, size=2000)
        await world.begun(runs)
        for run in runs:
            one = SlowReader(world, run, asks=False)
            world.followers.append(one)
            world.tasks.append(asyncio.create_task(one.follow()))
        await world.settle(runs, seconds=90)
        return await world.verdict(allowed=("complete",))


@fault("client: half-open, hears nothing and says nothing")
async def half_open(times):
    async with World() as world:
        runs = world.load(3, followers=2, tokens=600, every=0.005, size=500)
        await world.begun(runs)
        dead = []
        for run in runs * 10:
            # Nobody ever reads these.
            socket = await WebSocket.connect(world.nodes[0].port, receive_buffer=4096)
            socket.writer.transport.pause_reading()
            await socket.send({"type": "stream_subscribe", "conversationId": run.conversation, "messageId": run.message, "afterSeq": 0})
            dead.append(socket)
        await world.settle(runs)
        for socket in dead:
            socket.close()
        return await world.verdict(allowed=("complete",))


@fault("client: 2,000 reconnects at once", times=3, quick=1)
async def stampede(times):
    async with World() as world:
        runs = world.load(4, followers=2, tokens=250 * times + 150, every=0.02)
        await world.begun(runs)
        for _ in range(times):
            start = time.monotonic()
            await asyncio.gather(*(come_and_go(world, runs[index % len(runs)]) for index in range(2000)))
            world.notes.append(f"2,000 sockets opened, subscribed and dropped in {time.monotonic() - start:.1f} s")
        await world.settle(runs)
        return await world.verdict(allowed=("complete",))


async def come_and_go(world, run):
    try:
        socket = await WebSocket.connect(world.nodes[0].port, timeout=30)
        await socket.send({"type": "stream_subscribe", "conversationId": run.conversation, "messageId": run.message, "afterSeq": 0})
        socket.close()
    except Closed:
        world.notes.append("lost: a socket was refused")
