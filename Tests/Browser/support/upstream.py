"""An OpenAI-compatible server whose answers a test writes word by word."""

import json
import queue
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "scripted-model"
# The one key that the provider below /keyed accepts.
KEY = "acme-0123456789-good"


class Call:
    """One request for an answer. The test decides what is sent and when."""

    def __init__(self, body, authorization=None):
        self.body = body
        self.authorization = authorization
        self.steps = queue.Queue()
        self.closed = threading.Event()

    def send(self, text):
        """Sends text as one event."""
        self._delta({"content": text})

    def think(self, text):
        self._delta({"reasoning_content": text})

    def finish(self, reason="stop"):
        usage = {"prompt_tokens": 21, "completion_tokens": 34, "total_tokens": 55}
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        self._event({"choices": [], "usage": usage})
        self.steps.put(("write", b"data: [DONE]\n\n"))
        self.steps.put(("end", None))

    def answer(self, text):
        """Sends a whole answer in pieces of eleven characters."""
        for at in range(0, len(text), 11):
            self.send(text[at : at + 11])
        self.finish()

    def fail(self, status, message):
        self.steps.put(("fail", (status, message)))

    def wait_closed(self, seconds=20):
        """Whether the other side closed the connection before the answer ended."""
        return self.closed.wait(seconds)

    @property
    def prompts(self):
        return [message["content"] for message in self.body["messages"] if message["role"] == "user"]

    def _delta(self, delta):
        self._event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})

    def _event(self, value):
        event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL, **value}
        self.steps.put(("write", f"data: {json.dumps(event)}\n\n".encode()))


class Upstream:
    def __init__(self):
        self.calls = queue.Queue()
        self.refused_keys = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                if self.path.startswith("/keyed/") and self.headers.get("Authorization") != f"Bearer {KEY}":
                    upstream.refused_keys.append(self.headers.get("Authorization"))
                    self._json(401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}})
                elif self.path.endswith("/models"):
                    self._json(200, {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "tests"}]})
                else:
                    self._json(404, {"error": {"message": "nothing here"}})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                call = Call(body, self.headers.get("Authorization"))
                upstream.calls.put(call)
                threading.Thread(target=self._watch, args=(call,), daemon=True).start()
                self._play(call)
                self.close_connection = True

            def _play(self, call):
                started = False
                while True:
                    kind, value = call.steps.get()
                    try:
                        if kind == "fail":
                            self._json(value[0], {"error": {"message": value[1], "type": "test"}})
                            return
                        if kind == "closed":
                            return
                        if not started:
                            started = True
                            self.send_response(200)
                            self.send_header("Content-Type", "text/event-stream")
                            self.send_header("Transfer-Encoding", "chunked")
                            self.end_headers()
                        if kind == "end":
                            self.wfile.write(b"0\r\n\r\n")
                            return
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(value), value))
                        self.wfile.flush()
                    except OSError:
                        call.closed.set()
                        return

            def _watch(self, call):
                try:
                    while self.connection.recv(1, socket.MSG_PEEK):
                        if call.closed.wait(0.05):
                            return
                except OSError:
                    pass
                call.closed.set()
                call.steps.put(("closed", None))

            def _json(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def next_call(self, seconds=30):
        """The next request for an answer, when it comes."""
        return self.calls.get(timeout=seconds)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
