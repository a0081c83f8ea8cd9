"""The page's own logic, tested in the browser it runs in."""

import pathlib

from support.harness import test

FOLDER = pathlib.Path(__file__).parent.parent / "unit"


def run_file(world, name):
    context = world.context()
    page = context.new_page()
    page.route(
        "**/unit-tests/*",
        lambda route: route.fulfill(content_type="text/javascript", body=(FOLDER / route.request.url.rsplit("/", 1)[1]).read_text()),
    )
    page.goto(world.server.url + "/")
    results = page.evaluate(
        """async (name) => {
          const { tests } = await import('/unit-tests/' + name);
          const failures = [];
          for (const [title, run] of Object.entries(tests)) {
            try { await run(); } catch (error) { failures.push(title + ': ' + error.message); }
          }
          return { count: Object.keys(tests).length, failures };
        }""",
        name,
    )
    assert results["failures"] == [], "\n".join(results["failures"])
    assert results["count"] > 0, name


@test
def the_state_of_a_run(world):
    run_file(world, "run-state.js")


@test
def the_connection(world):
    run_file(world, "socket.js")


@test
def the_tree_of_messages(world):
    run_file(world, "message-tree.js")


@test
def markdown(world):
    run_file(world, "markdown.js")


@test
def formulas(world):
    run_file(world, "math.js")


@test
def preferences(world):
    run_file(world, "preferences.js")


@test
def the_open_conversation(world):
    run_file(world, "chat.js")


@test
def tools_sources_and_usage(world):
    run_file(world, "details.js")
