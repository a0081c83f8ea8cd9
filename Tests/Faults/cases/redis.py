"""Redis fails under two servers. No answer may fail with it."""

import asyncio
import signal

from cases import fault, troubled
from faults.services import Redis


@fault("Redis: killed and away for 3 s, then empty")
async def killed(times):
    async def trouble(world):
        await world.redis.kill()
        await asyncio.sleep(3)
        await world.redis.start()

    return await troubled(trouble)


@fault("Redis: restarted empty at once", quick=0)
async def emptied(times):
    async def trouble(world):
        await world.redis.kill()
        await world.redis.start()

    return await troubled(trouble)


@fault("Redis: killed and never back", quick=0)
async def gone(times):
    async def trouble(world):
        await world.redis.kill()

    return await troubled(trouble)


@fault("Redis: paused for 10 s", quick=0)
async def paused(times):
    async def trouble(world):
        world.redis.signal(signal.SIGSTOP)
        await asyncio.sleep(10)
        world.redis.signal(signal.SIGCONT)

    return await troubled(trouble, tokens=700)


@fault("Redis: all connections cut, ten times")
async def cut(times):
    async def trouble(world):
        for _ in range(10):
            await world.redis.command("CLIENT", "KILL", "TYPE", "normal")
            await world.redis.command("CLIENT", "KILL", "TYPE", "pubsub")
            await asyncio.sleep(0.4)

    return await troubled(trouble)


@fault("Redis: a read-only replica for 4 s", quick=0)
async def read_only(times):
    async def trouble(world):
        other = Redis(f"{world.directory}/primary")
        await other.start()
        await world.redis.command("REPLICAOF", "127.0.0.1", str(other.port))
        await asyncio.sleep(4)
        await world.redis.command("REPLICAOF", "NO", "ONE")
        await other.stop()

    return await troubled(trouble)


@fault("Redis: out of memory for 4 s", quick=0)
async def full(times):
    async def trouble(world):
        await world.redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
        await world.redis.command("CONFIG", "SET", "maxmemory", "1")
        await asyncio.sleep(4)
        await world.redis.command("CONFIG", "SET", "maxmemory", "0")

    return await troubled(trouble)


@fault("Redis: another password for 4 s", quick=0)
async def locked(times):
    async def trouble(world):
        await world.redis.command("CONFIG", "SET", "requirepass", "another")
        for kind in ("normal", "pubsub"):
            await world.redis.command("-a", "another", "CLIENT", "KILL", "TYPE", kind)
        await asyncio.sleep(4)
        await world.redis.command("-a", "another", "CONFIG", "SET", "requirepass", "")

    return await troubled(trouble)
