"""Tests the web chat in headless Chromium against an ss-server process, and prints what came of it.

usage: test_web.py [NAME ...]    names choose tests by a part of their name
SS_BIN is the folder that ss-server was built into, SS_CHROMIUM the browser.
"""

import os
import shutil
import sys
import traceback

from playwright.sync_api import sync_playwright

from cases import account, chat, files, page, settings, stream, unit  # noqa: F401
from support.harness import TESTS, World
from support.server import Server
from support.upstream import Upstream


def main():
    chosen = sys.argv[1:]
    binary = os.path.join(os.environ.get("SS_BIN", ".build/debug"), "ss-server")
    browser_path = os.environ.get("SS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not os.access(binary, os.X_OK):
        sys.exit(f"{binary} is not there: build ss-server, or set SS_BIN to the folder it is in")
    if not browser_path:
        sys.exit("no Chromium found; set SS_CHROMIUM to its path")
    selected = [test for test in TESTS if not chosen or any(name in test.__name__ for name in chosen)]
    upstream = Upstream()
    server = Server(binary, upstream.base_url)
    failed = 0
    try:
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
            world = World(browser, server, upstream)
            for test in selected:
                failed += not run(test, world)
            browser.close()
    finally:
        server.close()
        upstream.close()
    if failed:
        print("The server's last lines:\n" + "".join(server.log[-20:]))
    print(f"{len(selected) - failed} passed, {failed} failed")
    return 1 if failed or not selected else 0


def run(test, world):
    name = test.__name__.replace("_", " ")
    problem = None
    try:
        test(world)
    except Exception:
        problem = traceback.format_exc()
    complaints = world.end_test()
    if problem is None and complaints:
        problem = "\n".join(complaints)
    if problem is None:
        print(f"ok    {name}", flush=True)
        return True
    print(f"FAIL  {name}\n{problem}", flush=True)
    for complaint in complaints:
        print(f"      {complaint}")
    return False


if __name__ == "__main__":
    sys.exit(main())
