"""The faults, by what they are done to."""

import asyncio
import dataclasses
from collections.abc import Callable

from faults.world import World

FAULTS = []


@dataclasses.dataclass
class Fault:
    name: str
    body: Callable
    #: How many times it is tried when there is no hurry.
    times: int
    #: How many times it is tried in CI; 0 leaves it to those who ask for it.
    quick: int


def fault(name, times=1, quick=1):
    def register(body):
        FAULTS.append(Fault(name, body, times, quick))
        return body

    return register


async def troubled(trouble, tokens=500, **options):
    """Answers of two servers that are written, and asked for, while `trouble` happens to a service they need."""
    async with World(nodes=2, **options) as world:
        begun = world.load(6, followers=2, tokens=tokens, every=0.02)
        await world.begun(begun)
        await asyncio.sleep(1)
        during = asyncio.create_task(trouble(world))
        await asyncio.sleep(0.2)
        late = world.load(2, followers=2, tokens=40, every=0.02)
        await during
        await world.settle(begun + late, seconds=90)
        return await world.verdict(allowed=("complete",))


def load():
    """All faults, those of single servers first."""
    from cases import client, cluster, node, postgres, provider, proxy, redis, sqlite  # noqa: F401

    return FAULTS
