"""Servers, services, a provider and clients: one fault is tried in one world."""

import asyncio
import itertools
import os
import shutil
import tempfile

from faults import audit
from faults.follower import Follower, Run
from faults.node import SECRET, Node
from faults.services import Postgres, Redis
from faults.upstream import Upstream


class World:
    numbers = itertools.count(1)

    def __init__(self, nodes=1, settings=None, command=(), postgres=None):
        self.directory = tempfile.mkdtemp(prefix="ss-faults-")
        os.chmod(self.directory, 0o755)
        self.size = nodes
        self.settings = settings or {}
        self.command = command
        self.upstream = Upstream()
        self.nodes = []
        self.runs = []
        self.followers = []
        self.tasks = []
        self.postgres = self.redis = None
        self.postgres_options = postgres or {}
        self.notes = []

    async def __aenter__(self):
        try:
            await self._start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def _start(self):
        await self.upstream.start()
        shared = {}
        if self.size > 1:
            self.postgres = Postgres(f"{self.directory}/postgres", **self.postgres_options)
            self.redis = Redis(f"{self.directory}/redis")
            await asyncio.gather(self.postgres.start(), self.redis.start())
            shared = {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.redis.url, "ENCRYPTION_KEY": SECRET}
        for index in range(self.size):
            name = "ab"[index]
            settings = shared | self.settings
            self.nodes.append(Node(name, f"{self.directory}/{name}", self.upstream, settings, self.command))
        for node in self.nodes:
            await node.start()
        # What starting and the first answer cost is not what a fault costs.
        await self.settle(self.load(4, followers=len(self.nodes), tokens=20, every=0.005))
        # What was noted meanwhile is for the verdict.
        self.runs, self.followers, self.tasks = [], [], []
        self.before = [node.rss() for node in self.nodes]

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        for node in self.nodes:
            node.signal(18)  # SIGCONT
            await node.kill()
        for service in (self.postgres, self.redis):
            if service:
                await service.stop()
        await self.upstream.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def node_for(self, turn):
        up = [node for node in self.nodes if node.is_up]
        return up[turn % len(up)] if up else None

    def next_round(self):
        """Forgets what was asked and noted so far, which a verdict has looked at."""
        self.runs, self.followers, self.tasks, self.notes = [], [], [], []

    def load(self, runs=4, followers=2, tokens=100, every=0.02, follower=Follower, **prompt):
        """Begins answers; each is followed by who asked and by others, on all nodes."""
        begun = []
        for index in range(runs):
            tag = f"r{next(self.numbers)}"
            run = Run(tag, {"tag": tag, "tokens": tokens, "every": every, **prompt})
            begun.append(run)
            self.runs.append(run)
            for place in range(followers):
                one = follower(self, run, asks=place == 0, start=index + place)
                self.followers.append(one)
                self.tasks.append(asyncio.create_task(one.follow()))
        return begun

    async def begun(self, runs):
        """Waits until the answers are on their way."""
        await asyncio.gather(*(asyncio.wait_for(run.acked.wait(), 30) for run in runs))

    async def owner(self, run):
        """The node that calls the provider for a run, told from the tail of its metadata."""
        for follower in self.followers:
            if follower.run is run and follower.asks:
                return follower.world.node_for(follower.turn)
        return None

    async def settle(self, _runs=None, seconds=60):
        """Waits until every client has its end, for at most so long."""
        done, pending = await asyncio.wait(self.tasks, timeout=seconds)
        for task in done:
            if error := task.exception():
                self.notes.append(f"lost: a client failed: {error!r}")
        for task in pending:
            task.cancel()

    async def verdict(self, allowed=("complete", "interrupted"), calls=1):
        return await audit.audit(self, allowed, calls)
