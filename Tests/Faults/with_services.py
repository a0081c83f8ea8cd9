"""Starts a PostgreSQL and a Redis of our own while a command runs, and tells it where they are.

    with_services.py COMMAND [ARGUMENT…]
"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile

from faults.services import Missing, Postgres, Redis


async def main(command):
    directory = tempfile.mkdtemp(prefix="ss-services-")
    os.chmod(directory, 0o755)
    services = []
    try:
        postgres, redis = Postgres(f"{directory}/postgres", max_connections=100), Redis(f"{directory}/redis")
        services = [postgres, redis]
        await asyncio.gather(postgres.start(), redis.start())
        environment = os.environ | {
            "SS_TEST_POSTGRES": postgres.url, "SS_TEST_REDIS": redis.url, "SS_TEST_PSQL": f"{postgres.binaries}/psql",
        }
        process = await asyncio.create_subprocess_exec(*command, env=environment)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, lambda: process.terminate() if process.returncode is None else None)
        return await process.wait()
    finally:
        for service in services:
            await service.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    try:
        status = asyncio.run(main(sys.argv[1:]))
    except Missing as missing:
        sys.exit(f"{missing} is missing")
    sys.exit(status if status >= 0 else 128 - status)
