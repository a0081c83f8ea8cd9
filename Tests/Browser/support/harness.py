"""What the tests share: the list of tests, a page on the chat, and the words to drive it."""

import re

from playwright.sync_api import expect

from support.upstream import MODEL

expect.set_options(timeout=20_000)

TESTS = []


def test(function):
    TESTS.append(function)
    return function


class World:
    """The server, its upstream and one browser. Every page is watched for errors and foreign requests."""

    def __init__(self, browser, server, upstream):
        self.browser = browser
        self.server = server
        self.upstream = upstream
        self.contexts = []
        self.complaints = []
        self.tolerated = []

    def context(self, width=1280, height=800, **options):
        context = self.browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(20_000)
        context.on("page", self._watch)
        self.contexts.append(context)
        return context

    def chat(self, context=None, path="/", **options):
        page = (context or self.context(**options)).new_page()
        response = page.goto(self.server.url + path)
        assert response.ok, f"the page answered {response.status}"
        return Chat(self, page)

    def tolerate(self, pattern):
        """Console messages that a test causes on purpose, such as a broken connection."""
        self.tolerated.append(re.compile(pattern))

    def end_test(self):
        for context in self.contexts:
            context.close()
        self.contexts = []
        complaints = [text for text in self.complaints if not any(pattern.search(text) for pattern in self.tolerated)]
        self.complaints = []
        self.tolerated = []
        while not self.upstream.calls.empty():
            self.upstream.calls.get()
        return complaints

    def _watch(self, page):
        page.on("console", lambda message: message.type in ("error", "warning") and self.complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self._request(request.url))

    def _dialog(self, dialog):
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, url):
        origin = self.server.url
        own = url.startswith((origin + "/", origin.replace("http", "ws") + "/", "data:", "blob:", "about:"))
        if not own:
            self.complaints.append(f"request leaving the origin: {url}")


class Chat:
    """One page on the chat, in the words of a user."""

    def __init__(self, world, page):
        self.world = world
        self.page = page
        self.area = page.get_by_label("Your message")
        self.answers = page.locator(".answer")
        self.prompts = page.locator(".prompt")

    def choose(self, name):
        self.page.locator(".model-button").click()
        self.page.locator(".model-option", has_text=name).click()

    def ask(self, prompt):
        """Asks the scripted model and gives its call."""
        self.send(prompt)
        return self.world.upstream.next_call()

    def send(self, prompt):
        expect(self.page.locator(".model-label")).not_to_have_text(re.compile("Choose a model|No model"))
        self.area.fill(prompt)
        self.area.press("Enter")

    @property
    def answer(self):
        return self.answers.last

    @property
    def text(self):
        return self.answer.locator(".markdown").last

    def expect_text(self, text):
        expect(self.text).to_have_text(text)

    def expect_finished(self):
        expect(self.answer).not_to_have_attribute("data-status", "streaming")

    def expect_status(self, status):
        expect(self.answer).to_have_attribute("data-status", status)

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def finished_answer(self, prompt, text):
        """Asks, has the model answer all of it, and waits for that."""
        self.ask(prompt).answer(text)
        self.expect_finished()


def words(first, count):
    """Numbered words, by which a gap or a repeat shows."""
    return "".join(f"w{number} " for number in range(first, first + count))


__all__ = ["Chat", "MODEL", "TESTS", "World", "expect", "test", "words"]
