"""The faults, by what they are done to."""

import dataclasses
from collections.abc import Callable

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


def load():
    """All faults, those of single servers first."""
    from cases import client, cluster, node, postgres, provider, proxy, redis, sqlite  # noqa: F401

    return FAULTS
