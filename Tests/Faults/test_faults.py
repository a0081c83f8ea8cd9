"""The faults that take seconds, a few times each. `scripts/faults/run` tries all of them, and often."""

import asyncio
import sys
from types import SimpleNamespace

import run

if __name__ == "__main__":
    sys.exit(0 if asyncio.run(run.main(SimpleNamespace(names=[], quick=True, times=None))) else 1)
