"""The provider breaks in mid-answer."""

from cases import fault
from faults.world import World


async def broken(what, tokens=60, every=0.01, status=("failed",), calls=1, **prompt):
    async with World() as world:
        runs = world.load(4, followers=2, tokens=tokens, every=every, fault=what, **prompt)
        await world.settle(runs)
        return await world.verdict(allowed=status, calls=calls)


@fault("provider: connection reset")
async def reset(times):
    return await broken("reset", at=30)


@fault("provider: stall, then reset")
async def stall(times):
    return await broken("stall", at=30)


@fault("provider: garbage")
async def garbage(times):
    return await broken("garbage", at=30)


@fault("provider: 429 twice, then an answer")
async def limited(times):
    return await broken("429", at=2, status=("complete",), calls=3)


@fault("provider: a byte at a time")
async def drip(times):
    return await broken("drip", status=("complete",))
