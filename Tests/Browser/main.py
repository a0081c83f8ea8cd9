"""Runs the browser tests and prints what came of them."""

import os
import sys
import traceback

from playwright.sync_api import sync_playwright

import tests_chat  # noqa: F401
import tests_page  # noqa: F401
import tests_stream  # noqa: F401
import tests_unit  # noqa: F401
from harness import TESTS, World
from server import Server
from upstream import Upstream


def main():
    binary, chosen = sys.argv[1], sys.argv[2:]
    selected = [test for test in TESTS if not chosen or any(name in test.__name__ for name in chosen)]
    upstream = Upstream()
    server = Server(binary, upstream.base_url)
    failed = 0
    try:
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox", "--disable-gpu"])
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
