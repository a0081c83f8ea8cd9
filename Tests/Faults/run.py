"""Tries faults and prints a table of what became of the answers.

    run.py [--quick] [--times N] [NAME…]

A NAME is a part of a fault's name; without one all are tried.
"""

import argparse
import asyncio
import os
import sys
import time

import cases
from faults.audit import Verdict
from faults.services import Missing


async def attempt(fault, times):
    try:
        return await asyncio.wait_for(fault.body(times), 120 + 60 * times)
    except Missing as missing:
        return missing
    except Exception as error:  # Whatever it was, the others are still to be tried.
        return Verdict(tried=1, lost=1, notes=[f"lost: {type(error).__name__}: {error}"])


async def main(arguments):
    names = [name.lower() for name in arguments.names]
    chosen = [fault for fault in cases.load() if not names or any(name in fault.name.lower() for name in names)]
    failed = passed = 0
    print(f"{'fault':<58}{'times':>6}{'tried':>7}{'survived':>10}{'lost':>6}{'repeated':>10}{'seconds':>9}", flush=True)
    for fault in chosen:
        times = arguments.times or (fault.quick if arguments.quick else fault.times)
        if times == 0:
            continue
        start = time.monotonic()
        verdict = await attempt(fault, times)
        if isinstance(verdict, Missing):
            print(f"{fault.name:<58} skipped: {verdict} is missing", flush=True)
            failed += os.environ.get("CI") == "true"
            continue
        row = f"{times:>6}{verdict.tried:>7}{verdict.survived:>10}{verdict.lost:>6}{verdict.repeated:>10}{time.monotonic() - start:>9.1f}"
        print(f"{fault.name:<58}{row}", flush=True)
        for note in verdict.notes[:12]:
            print(f"    {note}", flush=True)
        passed += verdict.is_good
        failed += not verdict.is_good
    print(f"{passed} passed, {failed} failed", flush=True)
    return failed == 0 and passed > 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only what takes seconds, a few times")
    parser.add_argument("--times", type=int, help="how many times each is tried")
    parser.add_argument("names", nargs="*", metavar="NAME")
    sys.exit(0 if asyncio.run(main(parser.parse_args())) else 1)
