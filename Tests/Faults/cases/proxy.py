"""Two servers behind a real proxy without sticky sessions, with the configurations of `deploy/`."""

import asyncio
import json
import os
import shutil

from cases import fault
from faults import wire
from faults.follower import Follower
from faults.services import Missing, Service
from faults.wire import Closed
from faults.world import World

DEPLOY = os.path.join(os.path.dirname(__file__), "..", "..", "..", "deploy")


class EventReader(Follower):
    """Follows by server-sent events and resumes with `Last-Event-ID`."""

    async def _connected(self):
        await self.run.acked.wait()
        node = self.world.node_for(self.turn)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        except OSError as error:
            raise Closed() from error
        self.connections += 1
        try:
            writer.write(
                f"GET /api/runs/{self.run.message}/events HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\n"
                f"Sec-Fetch-Site: same-origin\r\nLast-Event-ID: {self.last}\r\n\r\n".encode()
            )
            if b" 200 " not in await reader.readuntil(b"\r\n\r\n"):
                raise Closed()
            rest = b""
            while self.terminal is None:
                async with asyncio.timeout(20):
                    size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
                    rest += (await reader.readexactly(size + 2))[:-2]
                if size == 0:
                    raise Closed()
                *events, rest = rest.split(b"\n\n")
                for event in events:
                    self._event(event)
        except (asyncio.IncompleteReadError, OSError, TimeoutError, ValueError) as error:
            raise Closed() from error
        finally:
            writer.transport.abort()

    def _event(self, event):
        for line in event.split(b"\n"):
            if line.startswith(b"data: "):
                frame = json.loads(line[6:])
                if frame.get("messageId") == self.run.message and not self._apply(frame["type"], frame):
                    raise Closed()


class Proxy(Service):
    is_up = True

    def __init__(self, world):
        self.world = world
        self.port = wire.free_port()

    async def start(self, which):
        if not shutil.which(which):
            raise Missing(which)
        if which == "haproxy":
            environment = {"SS_PROXY_PORT": self.port, "SS_NODE_A": f"127.0.0.1:{self.world.nodes[0].port}", "SS_NODE_B": f"127.0.0.1:{self.world.nodes[1].port}"}
            await self.launch("env", *(f"{name}={value}" for name, value in environment.items()), which, "-db", "-f", f"{DEPLOY}/haproxy.cfg")
        else:
            with open(f"{DEPLOY}/nginx.conf") as file:
                text = file.read()
            for old, new in (("listen 4000", f"listen 127.0.0.1:{self.port}"), (":4001", f":{self.world.nodes[0].port}"), (":4002", f":{self.world.nodes[1].port}")):
                text = text.replace(old, new)
            directory = f"{self.world.directory}/nginx"
            os.makedirs(directory)
            with open(f"{directory}/nginx.conf", "w") as file:
                file.write(f"daemon off; pid {directory}/pid; error_log {directory}/error.log;\nevents {{ worker_connections 4096; }}\nhttp {{ access_log off;\n{text}\n}}\n")
            await self.launch(which, "-p", directory, "-c", f"{directory}/nginx.conf")
        await self.until(self._answers)

    async def _answers(self):
        try:
            return (await wire.request(self.port, "GET", "/health"))[0] == 200
        except (OSError, ValueError, IndexError):
            return False


async def through(which):
    async with World(nodes=2, settings={"DRAIN_SECONDS": "10"}) as world:
        proxy = Proxy(world)
        await proxy.start(which)
        try:
            # Everybody comes through the proxy, which sends them anywhere.
            world.node_for = lambda turn: proxy
            runs = world.load(8, followers=2, tokens=600, every=0.01)
            for run in runs:
                reader = EventReader(world, run, asks=False)
                world.followers.append(reader)
                world.tasks.append(asyncio.create_task(reader.follow()))
            await world.begun(runs)
            await asyncio.sleep(0.5)
            await world.nodes[0].terminate()
            await world.nodes[0].start()
            # Until the proxy has seen it.
            await asyncio.sleep(3)
            await world.nodes[1].kill()
            late = world.load(4, followers=2, tokens=60, every=0.01)
            await world.settle(runs + late)
            await world.nodes[1].start()
            proxy.get = world.nodes[0].get
            return await world.verdict()
        finally:
            await proxy.stop()


@fault("proxy: HAProxy, one server drained, the other killed", quick=0)
async def haproxy(times):
    return await through("haproxy")


@fault("proxy: nginx, one server drained, the other killed", quick=0)
async def nginx(times):
    return await through("nginx")
