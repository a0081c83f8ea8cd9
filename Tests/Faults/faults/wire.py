"""Just enough WebSocket and HTTP to follow answers, and to misbehave."""

import asyncio
import base64
import json
import os
import socket
import struct


class Closed(Exception):
    """The other side closed, with this code."""

    def __init__(self, code=None):
        super().__init__(f"closed with {code}")
        self.code = code


class WebSocket:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port, timeout=5, receive_buffer=None):
        """Opens a socket to a server of this machine."""
        raw = socket.socket()
        raw.setblocking(False)
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            async with asyncio.timeout(timeout):
                await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
                reader, writer = await asyncio.open_connection(sock=raw, limit=4096 if receive_buffer else 1 << 16)
                key = base64.b64encode(os.urandom(16)).decode()
                writer.write(
                    f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    f"Origin: http://127.0.0.1:{port}\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
                )
                head = await reader.readuntil(b"\r\n\r\n")
        except (TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raw.close()
            raise Closed() from error
        if b" 101 " not in head.split(b"\r\n")[0]:
            writer.close()
            raise Closed()
        return cls(reader, writer)

    async def send(self, message):
        payload = json.dumps(message).encode()
        mask = os.urandom(4)
        size = len(payload)
        head = b"\x81" + (bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size) if size < 65536 else b"\xff" + struct.pack(">Q", size))
        self._write(head + mask + bytes(byte ^ mask[index & 3] for index, byte in enumerate(payload)))
        try:
            await self.writer.drain()
        except OSError as error:
            raise Closed() from error

    async def receive(self):
        """The next message; answers pings."""
        while True:
            try:
                opcode, payload = await self._frame()
            except (asyncio.IncompleteReadError, OSError) as error:
                raise Closed() from error
            if opcode == 1:
                return json.loads(payload)
            if opcode == 8:
                raise Closed(struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else None)
            if opcode == 9:
                self._write(b"\x8a" + bytes([0x80 | len(payload)]) + bytes(4) + payload)

    async def _frame(self):
        first, second = await self.reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", await self.reader.readexactly(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", await self.reader.readexactly(8))[0]
        return first & 0x0F, await self.reader.readexactly(size)

    def _write(self, data):
        try:
            self.writer.write(data)
        except (OSError, RuntimeError) as error:
            raise Closed() from error

    def close(self):
        """Lets go without a word."""
        self.writer.transport.abort()


async def request(port, method, path, body=None, timeout=10):
    """One HTTP request; the status and the JSON of the answer."""
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            content = b"" if body is None else json.dumps(body).encode()
            writer.write(
                f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: close\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode()
                + content
            )
            answer = await reader.read()
        finally:
            writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        rest = _unchunked(rest)
    return int(head.split()[1]), json.loads(rest) if rest.strip().startswith((b"{", b"[")) else None


def _unchunked(data):
    content = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if length == 0:
            break
        content, data = content + data[:length], data[length + 2 :]
    return content


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
