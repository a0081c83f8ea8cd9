"""An ss-server process of its own, with a new database, on a free port."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request


class Server:
    def __init__(self, binary, base_url, settings=None):
        self.binary = os.path.abspath(binary)
        self.base_url = base_url
        self.settings = settings or {}
        self.directory = tempfile.mkdtemp(prefix="ss-browser-")
        self.port = free_port()
        self.process = None
        self.log = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")}
        environment |= {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite:{self.directory}/simple-stream.db",
            "XDG_DATA_HOME": self.directory,
            "XDG_CONFIG_HOME": self.directory,
            "LOCAL_BASE_URL": self.base_url,
            # A provider whose keys users bring: the scripted one again, asking for a key.
            "SS_PROVIDERS": json.dumps([{"name": "acme", "wire": "openai-chat", "baseURL": self.base_url.replace("/v1", "/keyed/v1")}]),
            "SS_DEMO": "1",
            "SS_TITLES": "off",
            "DRAIN_SECONDS": "2",
        }
        environment |= {name: value.replace("{url}", self.url) for name, value in self.settings.items()}
        self.process = subprocess.Popen(
            [self.binary], cwd=self.directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        deadline = time.monotonic() + 60
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("ss-server did not start:\n" + "".join(self.log[-30:]))
            time.sleep(0.05)

    def stop(self, hard=False):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def close(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _read(self, stream):
        for line in stream:
            self.log.append(line)
            del self.log[:-500]

    def _ready(self):
        try:
            with urllib.request.urlopen(f"{self.url}/ready", timeout=5) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
