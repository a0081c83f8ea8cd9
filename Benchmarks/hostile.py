#!/usr/bin/env python3
"""What sockets that send long messages as fast as they may cost the others of a server.

Bystanders send pings and wait for each pong; a process of its own sends messages of 1 MiB on sockets that get nothing
else done. Quiet and hostile times take turns in one run, so that what else the machine does falls on both; what counts
is the ratio.
"""

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

# Valid and all numbers: what takes the longest to read for its size. The mask is zero, so the payload is as it is.
LONG = b'{"type":"ping","t":1,"x":[' + b"0," * ((1 << 19) - 20) + b"0]}"
PING = b'{"type":"ping","t":1}'


def frame(payload):
    size = len(payload)
    head = bytes([0x80 | size]) if size < 126 else b"\xff" + size.to_bytes(8, "big")
    return b"\x81" + head + bytes(4) + payload


def connect(port):
    opened = socket.create_connection(("127.0.0.1", port))
    opened.sendall(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        byte = opened.recv(1)
        if not byte:
            sys.exit(f"the server hung up: {head.decode()}")
        head += byte
    if b" 101 " not in head:
        sys.exit(f"no socket: {head.decode()}")
    reader = opened.makefile("rb")
    next_message(reader)  # session:ready
    return opened, reader


def next_message(reader):
    while True:
        first, second = reader.read(2)
        size = second & 0x7F
        if size == 126:
            size = int.from_bytes(reader.read(2), "big")
        payload = reader.read(size)
        if first & 0x0F == 1:
            return payload


def bystander(port, seconds, gap, times):
    """Adds how long each pong took, in milliseconds."""
    opened, reader = connect(port)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        opened.sendall(frame(PING))
        while b'"pong"' not in next_message(reader):
            pass
        times.append((time.monotonic() - start) * 1000)
        time.sleep(gap)
    opened.close()


def attack(port, count, seconds):
    """Sends as many long messages as the rate allows, or as the server takes; prints how many MiB that were."""
    sent = [0] * count

    def one(index):
        opened, reader = connect(port)
        threading.Thread(target=swallow, args=(reader,), daemon=True).start()
        opened.settimeout(1)
        long, end = frame(LONG), time.monotonic() + seconds
        start = 0
        while time.monotonic() < end:
            try:
                start += opened.send(long[start : start + 65536])
            except TimeoutError:
                continue
            except OSError:
                return
            if start == len(long):
                start = 0
                sent[index] += 1
                time.sleep(0.05)  # 20 a second

    threads = [threading.Thread(target=one, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(sent), flush=True)
    os._exit(0)


def swallow(reader):
    try:
        while reader.read1(65536):
            pass
    except (OSError, ValueError):
        pass


def measure(port, count, seconds):
    times = []
    threads = [threading.Thread(target=bystander, args=(port, seconds, 0.06, times)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", required=True, help="the program ss-server")
    arguments.add_argument("--attackers", type=int, default=8)
    arguments.add_argument("--bystanders", type=int, default=8)
    arguments.add_argument("--seconds", type=float, default=5, help="of each quiet and each hostile time")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--attack", type=int, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.attack:
        attack(chosen.attack, chosen.attackers, chosen.seconds)
    with tempfile.TemporaryDirectory() as directory:
        environment = {
            "PATH": os.environ["PATH"], "HOME": directory, "PORT": "0", "DATABASE_URL": f"sqlite:{directory}/db.sqlite",
            "LOCAL_BASE_URL": "http://127.0.0.1:1/v1", "LOG_LEVEL": "error",
        }  # fmt: skip
        server = subprocess.Popen([chosen.server], env=environment, stdout=subprocess.PIPE, text=True)
        try:
            port = int(re.search(r":(\d+)\s*$", server.stdout.readline()).group(1))
            quiet, hostile, mebibytes = [], [], 0
            for _ in range(chosen.rounds):
                quiet += measure(port, chosen.bystanders, chosen.seconds)
                attacker = subprocess.Popen(
                    [sys.executable, __file__, "--server", chosen.server, "--attack", str(port),
                     "--attackers", str(chosen.attackers), "--seconds", str(chosen.seconds + 1)],
                    stdout=subprocess.PIPE, text=True,
                )  # fmt: skip
                time.sleep(0.5)
                hostile += measure(port, chosen.bystanders, chosen.seconds)
                mebibytes += int(attacker.communicate()[0])
        finally:
            server.kill()
            server.wait()
    attacked = chosen.rounds * (chosen.seconds + 1)
    print(f"{chosen.attackers} hostile sockets got {mebibytes / attacked:.1f} MiB/s through; {chosen.bystanders} others:")
    print("pong after      quiet     hostile   ratio")
    for name, part in (("median", 0.5), ("p99", 0.99), ("worst", 1)):
        a, b = (sorted(times)[min(len(times) - 1, int(len(times) * part))] for times in (quiet, hostile))
        print(f"{name:10} {a:7.2f} ms  {b:7.2f} ms  {b / a:6.1f}")
    rate = statistics.fmean([len(hostile), -len(quiet)]) * 2 / len(quiet)
    print(f"pongs: {len(quiet)} quiet, {len(hostile)} hostile ({rate:+.0%})")


if __name__ == "__main__":
    main()
