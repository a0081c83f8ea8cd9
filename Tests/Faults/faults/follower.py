"""A client that follows one answer by the protocol's rules, reconnects for ever and keeps count."""

import asyncio
import json

from faults.wire import Closed, WebSocket


class Run:
    """One prompt and what became of it."""

    def __init__(self, tag, prompt):
        self.tag = tag
        self.prompt = prompt
        self.text = json.dumps(prompt)
        self.conversation = None
        self.message = None
        self.asked = asyncio.Event()
        self.acked = asyncio.Event()
        self.faults = []
        #: When the server took the prompt, by its own clock, in milliseconds.
        self.created = 0

    def ack(self, frame):
        if self.message not in (None, frame["messageId"]):
            self.faults.append("repeated: a second run for one request")
        self.conversation, self.message = frame["conversationId"], frame["messageId"]
        self.created = frame["createdAt"]
        self.acked.set()


class Follower:
    #: A server that does not answer a ping for so many seconds is left.
    patience = 3
    receive_buffer = None

    def __init__(self, world, run, asks, start=0):
        self.world = world
        self.run = run
        self.asks = asks
        self.turn = start
        self.text = ""
        self.last = 0
        self.seen = ""
        self.terminal = None
        self.faults = []
        self.connections = 0
        #: Who asks again on an open socket may be given what was on its way already, up to this number.
        self.given_again = 0
        self.resubscribed = 0
        self.codes = []

    async def follow(self):
        """Returns when the end was told and a moment has passed in which it was not told again."""
        delay = 0.05
        while self.terminal is None:
            before = self.last
            try:
                await self._connected()
            except Closed as closed:
                self.codes.append(closed.code)
            delay = 0.05 if self.last > before else min(delay * 2, 0.5)
            self.turn += 1
            await asyncio.sleep(delay)

    async def _connected(self):
        node = self.world.node_for(self.turn)
        if node is None:
            raise Closed()
        socket = await WebSocket.connect(node.port, receive_buffer=self.receive_buffer)
        self.connections += 1
        ping = asyncio.create_task(self._ping(socket))
        try:
            await self._begin(socket)
            while self.terminal is None:
                async with asyncio.timeout(self.patience):
                    frame = await socket.receive()
                await self._take(frame, socket)
            await self._expect_nothing(socket)
        except TimeoutError as error:
            raise Closed() from error
        finally:
            ping.cancel()
            socket.close()

    async def _ping(self, socket):
        while True:
            await asyncio.sleep(self.patience / 3)
            try:
                await socket.send({"type": "ping", "t": 1})
            except Closed:
                return

    async def _begin(self, socket):
        if self.asks and not self.run.acked.is_set():
            await self._ask(socket)
        else:
            await self.run.acked.wait()
            await self._subscribe(socket)

    async def _ask(self, socket):
        self.run.asked.set()
        await socket.send(
            {"type": "ai_chat_request", "conversationId": "new-chat", "prompt": self.run.text, "provider": "acme", "model": "numbered",
             "requestId": self.run.tag}
        )

    async def _subscribe(self, socket):
        await socket.send({"type": "stream_subscribe", "conversationId": self.run.conversation, "messageId": self.run.message, "afterSeq": self.last})

    async def _take(self, frame, socket):
        kind = frame["type"]
        if kind == "server:draining" and len(self.world.nodes) > 1:
            raise Closed(1012)
        if kind == "error":
            await asyncio.sleep(0.3)
            await self._begin(socket)
        elif kind == "ai_chat_ack" and frame.get("requestId") == self.run.tag:
            self.run.ack(frame)
        elif kind == "stream:resumed" and frame["messageId"] == self.run.message:
            self.given_again = self.last if frame["resumedAt"] < self.last else 0
        elif frame.get("messageId") == self.run.message:
            if not self._apply(kind, frame):
                self.resubscribed += 1
                await self._subscribe(socket)

    def _apply(self, kind, frame):
        """False when something is missing."""
        if kind == "stream:snapshot":
            self._show(frame["text"])
            self.last = frame["seq"]
        elif kind in ("ai_chat_response", "ai_chat_error"):
            self.terminal = frame
            if kind == "ai_chat_response":
                if not self._agree(frame["chunk"], self.text):
                    self.faults.append("lost: the whole text is not what was streamed")
                self._show(frame["chunk"])
        elif "seq" in frame and kind.startswith("ai_chat_"):
            first = frame.get("fromSeq", frame["seq"])
            if frame["seq"] <= self.given_again:
                return True
            if frame["seq"] <= self.last:
                self.faults.append(f"repeated: {first}…{frame['seq']} after {self.last}")
                return True
            if first != self.last + 1:
                return False
            self._show(self.text + frame.get("chunk", ""))
            self.last = frame["seq"]
        return True

    def _show(self, text):
        if not self._agree(text, self.seen):
            self.faults.append("lost: the text changed after it was seen")
        self.text = text
        if len(text) > len(self.seen):
            self.seen = text

    @staticmethod
    def _agree(one, other):
        shorter = min(len(one), len(other))
        return one[:shorter] == other[:shorter]

    async def _expect_nothing(self, socket):
        try:
            async with asyncio.timeout(0.4):
                while True:
                    frame = await socket.receive()
                    if frame.get("messageId") == self.run.message and "seq" in frame:
                        self.faults.append(f"repeated: {frame['type']} after the end")
        except (TimeoutError, Closed):
            pass
