"""PostgreSQL fails under two servers."""

import asyncio
import os
import signal
import subprocess

from cases import fault, troubled
from cases.sqlite import fill
from faults.services import Missing


@fault("PostgreSQL: killed and away for 3 s")
async def killed(times):
    async def trouble(world):
        await world.postgres.kill()
        await asyncio.sleep(3)
        await world.postgres.restart()

    return await troubled(trouble)


@fault("PostgreSQL: restarted", quick=0)
async def restarted(times):
    async def trouble(world):
        world.postgres.process.send_signal(signal.SIGINT)
        await world.postgres.process.wait()
        await world.postgres.restart()

    return await troubled(trouble)


@fault("PostgreSQL: paused for 10 s")
async def paused(times):
    async def trouble(world):
        world.postgres.signal(signal.SIGSTOP)
        await asyncio.sleep(10)
        world.postgres.signal(signal.SIGCONT)

    return await troubled(trouble, tokens=700)


@fault("PostgreSQL: away for 15 s, longer than a lease", quick=0)
async def away(times):
    async def trouble(world):
        await world.postgres.kill()
        await asyncio.sleep(15)
        await world.postgres.restart()

    return await troubled(trouble, tokens=1000)


@fault("PostgreSQL: connections terminated, ten times")
async def terminated(times):
    async def trouble(world):
        for _ in range(10):
            await world.postgres.sql("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null")
            await asyncio.sleep(0.4)

    return await troubled(trouble)


@fault("PostgreSQL: no connection free for 4 s", quick=0)
async def crowded(times):
    async def trouble(world):
        holders = []
        for _ in range(80):
            holders.append(asyncio.create_task(world.postgres.sql("select pg_sleep(4)", check=False)))
        await asyncio.sleep(0.5)
        await world.postgres.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where query not like '%pg_sleep%' and datname is not null and pid <> pg_backend_pid()",
            check=False,
        )
        await asyncio.gather(*holders)

    # The servers connect as an ordinary user would, below the places kept for administrators.
    return await troubled(trouble, postgres={"max_connections": 40})


@fault("PostgreSQL: serialization failures and deadlocks for 5 s", quick=0)
async def conflicting(times):
    async def trouble(world):
        # Every write is refused every other time, as a busy database may.
        await world.postgres.sql(
            "create sequence ss_fault; create function ss_fault() returns trigger language plpgsql as $$ begin"
            " if nextval('ss_fault') % 2 = 0 then raise exception 'a conflict' using errcode = "
            "(case when nextval('ss_fault') % 3 = 0 then '40P01' else '40001' end); end if; return null; end $$;"
        )
        schema = (await world.postgres.sql("select schemaname || '.' || tablename from pg_tables where tablename = 'messages'")).strip()
        await world.postgres.sql(f"create trigger ss_fault before insert or update on {schema} for each statement execute function ss_fault()")
        await asyncio.sleep(5)
        await world.postgres.sql(f"drop trigger ss_fault on {schema}")

    return await troubled(trouble)


@fault("PostgreSQL: disk full for 5 s", quick=0)
async def full(times):
    if os.getuid() != 0:
        raise Missing("root, to mount a small disk")
    disk = f"/tmp/ss-faults-disk-{os.getpid()}"
    os.makedirs(disk, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", disk], check=True)
    os.chmod(disk, 0o755)
    try:

        async def trouble(world):
            fill(f"{disk}/ballast")
            await asyncio.sleep(5)
            os.unlink(f"{disk}/ballast")
            # A full disk may have brought it down.
            if not await world.postgres._answers():
                await world.postgres.stop()
                await world.postgres.restart()

        return await troubled(trouble, postgres={"tablespace": f"{disk}/data"})
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
        os.rmdir(disk)
