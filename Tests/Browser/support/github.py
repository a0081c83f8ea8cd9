"""A stand-in for GitHub that lets everybody in as the person a test names."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit


class GitHub:
    def __init__(self):
        self.person = {"id": 7, "login": "ann", "name": "Ann Example"}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                url = urlsplit(self.path)
                if url.path == "/login/oauth/authorize":
                    query = parse_qs(url.query)
                    answer = urlencode({"code": "good", "state": query["state"][0]})
                    self.send_response(302)
                    self.send_header("Location", f"{query['redirect_uri'][0]}?{answer}")
                    self.end_headers()
                elif url.path == "/api/v3/user":
                    self._json(outer.person)
                else:
                    self._json([{"email": "ann@example.com", "primary": True, "verified": True}])

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self._json({"access_token": "gho_x"})

            def _json(self, value):
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
