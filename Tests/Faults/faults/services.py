"""PostgreSQL and Redis of our own, on private ports and directories."""

import asyncio
import glob
import os
import shutil
import signal

from faults import wire


class Missing(Exception):
    """A program is not installed."""


async def run(*command, check=True, timeout=60):
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    output, _ = await asyncio.wait_for(process.communicate(), timeout)
    if check and process.returncode:
        raise RuntimeError(f"{command[0]}: {output.decode(errors='replace')}")
    return output.decode(errors="replace")


class Service:
    process = None

    def signal(self, number):
        if self.process and self.process.returncode is None:
            os.killpg(self.process.pid, number)

    async def kill(self):
        self.signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self):
        if self.process is None or self.process.returncode is not None:
            return
        self.signal(signal.SIGCONT)
        await self.kill()

    async def launch(self, *command):
        # A group of its own, so that all its processes are stopped, paused and killed together.
        self.process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True
        )

    async def until(self, probe, seconds=30):
        for _ in range(seconds * 20):
            if await probe():
                return
            await asyncio.sleep(0.05)
        raise RuntimeError(f"{type(self).__name__} does not answer")


class Postgres(Service):
    def __init__(self, directory, max_connections=60, tablespace=None):
        binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/local/opt/postgresql*/bin"))
        self.binaries = binaries[-1] if binaries else os.path.dirname(shutil.which("postgres") or "")
        if not self.binaries:
            raise Missing("postgresql")
        self.directory = tablespace or directory
        self.socket = directory + "-socket"
        self.max_connections = max_connections
        self.port = wire.free_port()
        # It refuses to run as root.
        self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []

    @property
    def url(self):
        return f"postgres://ss@127.0.0.1:{self.port}/postgres?sslmode=disable"

    async def start(self):
        if not os.path.exists(f"{self.directory}/PG_VERSION"):
            for path in (self.directory, self.socket):
                os.makedirs(path, exist_ok=True)
                if self.prefix:
                    shutil.chown(path, "postgres", "postgres")
            os.chmod(self.directory, 0o700)
            await run(*self.prefix, f"{self.binaries}/initdb", "-D", self.directory, "-U", "ss", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        await self.restart()

    async def restart(self):
        options = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.socket, "fsync": "off",
            "max_connections": self.max_connections, "superuser_reserved_connections": 2, "max_wal_size": "64MB",
        }
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        await self.launch(*self.prefix, f"{self.binaries}/postgres", "-D", self.directory, *arguments)
        await self.until(self._answers)

    async def _answers(self):
        output = await run(f"{self.binaries}/pg_isready", "-h", "127.0.0.1", "-p", str(self.port), check=False)
        return "accepting" in output

    async def sql(self, statement, check=True):
        return await run(
            f"{self.binaries}/psql", "-X", "-q", "-t", "-A", "-h", "127.0.0.1", "-p", str(self.port), "-U", "ss", "-d", "postgres", "-c", statement,
            check=check,
        )


class Redis(Service):
    def __init__(self, directory):
        if not shutil.which("redis-server"):
            raise Missing("redis-server")
        self.directory = directory
        self.port = wire.free_port()
        self.options = []

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    async def start(self):
        os.makedirs(self.directory, exist_ok=True)
        await self.launch(
            "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self.directory, *self.options
        )
        await self.until(self._answers)

    async def _answers(self):
        return "PONG" in await self.command("PING", check=False) or "NOAUTH" in await self.command("PING", check=False)

    async def command(self, *words, check=True):
        return await run("redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *words, check=check)
