"""Runs the cases of the Autobahn test suite against ws-echo, which serves on ss-server's WebSocket handling.

kosoku runs Autobahn's own case files; on 247 cases against another server its verdicts were those of the original.
"""

import asyncio
import collections
import os
import pty
import subprocess
import sys

import kosoku

# Cases 12 and 13 are about compression, which the server does not offer.
NOT_OFFERED = ["12.*", "13.*"]
PASSED = {"OK", "NON-STRICT", "INFORMATIONAL"}


def start(program):
    """Starts the server on a free port and returns it with the address that it prints."""
    # On a terminal the address is not held back in a buffer.
    terminal, output = pty.openpty()
    server = subprocess.Popen([program, "--port", "0"], stdout=output)
    os.close(output)
    with open(terminal) as lines:
        try:
            url = lines.readline().strip()
        except OSError:  # The other end is closed.
            url = "nothing"
    if not url.startswith("ws://"):
        server.kill()
        sys.exit(f"{program} printed {url} instead of its address; it ended with status {server.wait()}")
    return server, url


async def run(url):
    try:
        return await kosoku.run_fuzzingclient(url, exclude_cases=NOT_OFFERED, concurrency=2)
    except kosoku.FailureError as failure:
        return failure.results


def judge(results):
    """Prints the failed cases, then the counts; returns whether all passed."""
    counts = collections.Counter()
    for result in results:
        verdicts = {result.behavior.value, result.behavior_close.value}
        if verdicts <= PASSED:
            counts["passed"] += 1
        else:
            counts["failed"] += 1
            print(f"case {result.case_id}: {', '.join(sorted(verdicts))}: {result.result}")
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return counts["passed"] > 0 and counts["failed"] == 0


def main():
    server, url = start(os.path.join(os.environ["SS_BIN"], "ws-echo"))
    try:
        return judge(asyncio.run(run(url)))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
