"""One ss-server process that can be killed, paused and started again."""

import asyncio
import json
import os
import signal

from faults import wire

SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"


class Node:
    def __init__(self, name, directory, upstream, settings=None, command=()):
        self.name = name
        self.directory = directory
        self.upstream = upstream
        self.settings = settings or {}
        self.command = list(command)
        self.port = wire.free_port()
        self.process = None
        self.log = []
        os.makedirs(directory, exist_ok=True)

    async def start(self, wait=True):
        provider = {"name": "acme", "wire": "openai-chat", "baseURL": self.upstream.base_url, "apiKey": "acme-key", "models": ["numbered"]}
        environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
        environment |= {
            "HOME": self.directory, "XDG_DATA_HOME": self.directory, "PORT": str(self.port),
            "DATABASE_URL": f"sqlite:{self.directory}/data/chat.sqlite", "ENCRYPTION_KEY": SECRET,
            "SS_PROVIDERS": json.dumps([provider]), "SS_TITLES": "off", "DRAIN_SECONDS": "20", "LOG_LEVEL": "info",
        }
        environment |= self.settings
        binary = os.path.abspath(os.path.join(os.environ["SS_BIN"], "ss-server"))
        self.process = await asyncio.create_subprocess_exec(
            *self.command, binary, cwd=self.directory, env=environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, limit=1 << 20,
        )
        self.listening = asyncio.Event()
        self.reading = asyncio.create_task(self._read(self.process))
        if wait:
            await self.ready()

    async def ready(self, seconds=60):
        ended = asyncio.create_task(self.process.wait())
        listening = asyncio.create_task(self.listening.wait())
        done, _ = await asyncio.wait({ended, listening}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in (ended, listening):
            task.cancel()
        if ended in done:
            await self.reading
        if listening not in done:
            raise RuntimeError(f"{self.name} did not start:\n" + "".join(self.log[-20:]))

    async def _read(self, process):
        while line := await process.stdout.readline():
            text = line.decode(errors="replace")
            self.log.append(text)
            del self.log[:-400]
            if "Simple Stream is at" in text:
                self.listening.set()

    @property
    def is_up(self):
        return self.process is not None and self.process.returncode is None and self.listening.is_set()

    def signal(self, number):
        if self.process and self.process.returncode is None:
            self.process.send_signal(number)

    async def kill(self):
        self.signal(signal.SIGKILL)
        await self.ended()

    async def terminate(self):
        """Asks it to end and returns its status."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self):
        if self.process is None:
            return None
        status = await self.process.wait()
        await self.reading
        self.listening.clear()
        return status

    def rss(self):
        """Resident memory in MiB; 0 when it does not run."""
        try:
            with open(f"/proc/{self._server_pid()}/status") as lines:
                return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))
        except (OSError, StopIteration):
            return 0

    def _server_pid(self):
        return self.process.pid

    async def get(self, path):
        return await wire.request(self.port, "GET", path)
