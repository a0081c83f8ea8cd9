"""An OpenAI-compatible provider whose tokens are numbered, at a steady rate that the prompt asks for."""

import asyncio
import json

MODEL = "numbered"


def token(tag, number, size=0):
    """A piece of text that occurs nowhere else."""
    piece = f"{tag}:{number} "
    return piece + "·" * max(0, (size - len(piece)) // 2)


class Upstream:
    """What a prompt says, as JSON: `tag`, `tokens`, `every` (seconds), `size` (bytes), and `fault` with `at` (a number)."""

    def __init__(self):
        self.calls = {}
        self.closed_early = {}
        self.server = None

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)

    async def stop(self):
        self.server.close()

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/v1"

    async def _serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").lower().split("\r\n")
                length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                if lines[0].startswith("get"):
                    self._json(writer, 200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})
                else:
                    await self._answer(writer, json.loads(body))
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer, body):
        content = [message["content"] for message in body["messages"] if message["role"] == "user"][-1]
        prompt = json.loads(content if isinstance(content, str) else content[0]["text"])
        tag, fault, at = prompt["tag"], prompt.get("fault"), prompt.get("at", 0)
        self.calls[tag] = self.calls.get(tag, 0) + 1
        if fault == "429" and self.calls[tag] <= at:
            return self._json(writer, 429, {"error": {"message": "slow down", "type": "rate_limit"}}, "Retry-After: 1\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        start = asyncio.get_running_loop().time()
        for number in range(prompt["tokens"]):
            if fault in ("reset", "stall", "garbage") and number == at:
                await self._break(writer, fault)
                return None
            delta = {"choices": [{"index": 0, "delta": {"content": token(tag, number, prompt.get("size", 0))}}]}
            event = f"data: {json.dumps(delta)}\n\n".encode()
            if fault == "drip":
                for byte in event:
                    self._chunk(writer, bytes([byte]))
                    await writer.drain()
            else:
                self._chunk(writer, event)
            try:
                await writer.drain()
            except OSError:
                self.closed_early[tag] = asyncio.get_running_loop().time()
                raise
            if wait := start + (number + 1) * prompt["every"] - asyncio.get_running_loop().time():
                await asyncio.sleep(max(0, wait))
            if writer.is_closing() or writer.transport.is_closing():
                self.closed_early[tag] = asyncio.get_running_loop().time()
                return None
        usage = {"prompt_tokens": 1, "completion_tokens": prompt["tokens"], "total_tokens": prompt["tokens"] + 1}
        for last in ({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": usage}):
            self._chunk(writer, f"data: {json.dumps(last)}\n\n".encode())
        self._chunk(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        return None

    async def _break(self, writer, fault):
        if fault == "garbage":
            self._chunk(writer, b"data: {\"choices\": [<html>\xff\xfe\n\n")
            await writer.drain()
        elif fault == "stall":
            await asyncio.sleep(3)
        writer.transport.abort()

    @staticmethod
    def _chunk(writer, data):
        writer.write(b"%x\r\n%s\r\n" % (len(data), data))

    @staticmethod
    def _json(writer, status, value, extra=""):
        content = json.dumps(value).encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{extra}Content-Length: {len(content)}\r\n\r\n".encode() + content
        )
