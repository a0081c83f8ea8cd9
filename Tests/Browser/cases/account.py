"""Signing in and what an account's owner does on the page."""

import os
import re
from contextlib import contextmanager

from support.github import GitHub
from support.harness import MODEL, Chat, expect, test
from support.server import Server
from support.upstream import KEY


@contextmanager
def accounts(world):
    """A server with accounts in place of the usual one."""
    github = GitHub()
    settings = {
        "AUTH_MODE": "accounts",
        "PUBLIC_URL": "{url}",
        "GITHUB_CLIENT_ID": "client",
        "GITHUB_CLIENT_SECRET": "secret",
        "GITHUB_BASE_URL": github.url,
    }
    usual = world.server
    world.server = Server(usual.binary, world.upstream.base_url, settings)
    # The way through the provider is the only one that leads elsewhere; who is not signed in is told so with 401.
    world.tolerate(f"request leaving the origin: {re.escape(github.url)}/login/oauth/authorize")
    world.tolerate("the server responded with a status of 401")
    world.tolerate("WebSocket connection to")
    try:
        world.server.start()
        yield github
    finally:
        for context in world.contexts:
            context.close()
        world.contexts = []
        world.server.close()
        world.server = usual
        github.close()


def sign_in(page):
    page.get_by_role("link", name="Continue with GitHub").click()
    expect(page.locator(".account-name")).to_have_text("Ann Example")


def picture(page, name):
    """Kept for those who want to look, where SS_SCREENSHOTS says."""
    directory = os.environ.get("SS_SCREENSHOTS")
    if directory:
        page.screenshot(path=os.path.join(directory, f"{name}.png"))


def fits(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"


@test
def a_guest_becomes_somebody_and_keeps_everything(world):
    with accounts(world):
        for width, scheme in ((390, "dark"), (1280, "light")):
            page = world.context(width=width, color_scheme=scheme).new_page()
            page.goto(world.server.url + "/")
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
            fits(page)
            picture(page, f"sign-in-{width}")
        page.get_by_role("button", name="Continue as a guest").click()
        chat = Chat(world, page)
        expect(page.locator(".account-name")).to_have_text("Guest")
        chat.choose(MODEL)
        chat.finished_answer("What is a guest?", "Somebody who may stay.")
        page.locator(".account-button").click()
        picture(page, "guest-menu")
        page.get_by_role("menuitem", name="Sign in with GitHub").click()
        expect(page.locator(".account-name")).to_have_text("Ann Example")
        expect(page.locator(".conversation").filter(has_text="What is a guest?")).to_be_visible()
        chat.expect_text("Somebody who may stay.")


@test
def signing_out_elsewhere_asks_to_sign_in_here(world):
    with accounts(world):
        context = world.context()
        page = context.new_page()
        page.goto(world.server.url + "/")
        sign_in(page)
        chat = Chat(world, page)
        chat.area.fill("Half a thought")
        other = context.new_page()
        other.goto(world.server.url + "/")
        other.locator(".account-button").click()
        other.get_by_role("menuitem", name="Sign out").click()
        expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
        dialog = page.get_by_role("dialog", name="You are signed out")
        expect(dialog).to_be_visible()
        expect(chat.area).to_have_value("Half a thought")
        picture(page, "signed-out")
        dialog.get_by_role("link", name="Continue with GitHub").click()
        expect(page.locator(".account-name")).to_have_text("Ann Example")


@test
def a_token_is_made_shown_once_and_revoked(world):
    with accounts(world):
        for width, scheme in ((390, "dark"), (1280, "light")):
            page = world.context(width=width, color_scheme=scheme).new_page()
            page.goto(world.server.url + "/")
            page.get_by_role("link", name="Continue with GitHub").click()
            if width == 390:
                page.get_by_role("button", name="Show conversations").click()
            page.locator(".account-button").click()
            page.get_by_role("menuitem", name="Access tokens").click()
            dialog = page.get_by_role("dialog", name="Access tokens")
            dialog.get_by_label("Name").fill(f"laptop {width}")
            dialog.get_by_role("button", name="Make a token").click()
            expect(dialog.locator(".token-text code")).to_have_text(re.compile("^sst_"))
            expect(dialog.locator(".token-row").first).to_contain_text(f"laptop {width}")
            fits(page)
            picture(page, f"tokens-{width}")
        token = dialog.locator(".token-text code").text_content()
        answer = page.request.get(world.server.url + "/api/conversations", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 200
        dialog.get_by_role("button", name="Revoke laptop 1280").click()
        expect(dialog.locator(".token-row")).to_have_count(1)
        answer = page.request.get(world.server.url + "/api/conversations", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 401
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_be_hidden()


def open_activity(page):
    if page.viewport_size["width"] == 390:
        page.get_by_role("button", name="Show conversations").click()
    page.locator(".account-button").click()
    page.get_by_role("menuitem", name="Activity").click()
    dialog = page.get_by_role("dialog", name="Activity")
    expect(dialog).to_be_visible()
    return dialog


@test
def what_happened_is_shown_newest_first_and_page_by_page(world):
    with accounts(world):
        context = world.context(locale="de-DE", timezone_id="Europe/Berlin")
        page = context.new_page()
        page.goto(world.server.url + "/")
        sign_in(page)
        dialog = open_activity(page)
        rows = dialog.locator(".activity-row")
        expect(rows).to_have_count(1)
        expect(rows.locator("strong")).to_have_text("Signed in with GitHub")
        expect(rows.locator("small")).to_contain_text(" from 127.0.0.1")
        # In the reader's words for a time: 25.11.2026, 17:05.
        expect(rows.locator("time")).to_have_text(re.compile(r"^\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2}$"))
        expect(dialog.get_by_role("button", name="Show older")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        chat = Chat(world, page)
        chat.choose(MODEL)
        chat.finished_answer("Share this", "Words")
        conversation = page.url.split("/")[-1]

        def call(method, path, data=None):
            answer = page.request.fetch(world.server.url + path, method=method, data=data, headers={"Sec-Fetch-Site": "same-origin"})
            assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
            return answer

        for number in range(25):
            token = call("POST", "/api/tokens", {"name": f"<b>{number}</b>", "scopes": ["read", "chat"], "expiresInDays": 1}).json()
            call("DELETE", f"/api/tokens/{token['id']}")
        call("POST", f"/api/conversations/{conversation}/share", {})
        call("PUT", "/api/keys/acme", {"key": KEY})
        call("POST", "/api/keys/acme/reveal")
        call("GET", "/api/account/export")
        dialog = open_activity(page)
        expect(rows).to_have_count(50)
        newest = ["Exported everything", "Looked at the saved key for Acme", "Saved a key for Acme", "Made a link to a conversation"]
        assert rows.locator("strong").all_text_contents()[:5] == newest + ["Revoked the access token \u201c<b>24</b>\u201d"]
        expect(rows.nth(5)).to_contain_text("Made the access token \u201c<b>24</b>\u201d")
        expect(rows.nth(5)).to_contain_text("may chat, read")
        expect(dialog.locator("b")).to_have_count(0)
        assert KEY not in page.content()
        dialog.get_by_role("button", name="Show older").click()
        expect(rows).to_have_count(55)
        expect(rows.nth(50)).to_be_focused()
        expect(rows.last).to_contain_text("Signed in with GitHub")
        expect(dialog.get_by_role("button", name="Show older")).to_be_hidden()
        times = dialog.locator("time").evaluate_all("times => times.map((time) => time.dateTime)")
        assert times == sorted(times, reverse=True), times
        rows.nth(3).get_by_role("link", name="Open the conversation").click()
        chat.expect_text("Words")
        state = context.storage_state()
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                page = world.context(width=width, color_scheme=scheme, storage_state=state).new_page()
                page.goto(world.server.url + "/")
                dialog = open_activity(page)
                expect(dialog.locator(".activity-row")).to_have_count(50)
                fits(page)
                assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
                picture(page, f"activity-{width}-{scheme}")


@test
def activity_that_cannot_be_read_is_asked_for_again(world):
    with accounts(world):
        world.tolerate("Failed to load resource")
        page = world.context().new_page()
        page.goto(world.server.url + "/")
        page.get_by_role("button", name="Continue as a guest").click()
        expect(page.locator(".account-name")).to_have_text("Guest")
        page.route("**/api/audit*", lambda route: route.abort())
        dialog = open_activity(page)
        expect(dialog.get_by_role("alert")).to_contain_text("The server cannot be reached.")
        page.unroute("**/api/audit*")
        dialog.get_by_role("button", name="Try again").click()
        expect(dialog.locator(".activity-row strong")).to_have_text("Began as a guest")
        expect(dialog.get_by_role("alert")).to_be_hidden()
        dialog.get_by_role("button", name="Close").click()
        page.route("**/api/audit*", lambda route: route.fulfill(json={"items": []}))
        expect(open_activity(page)).to_contain_text("Nothing has happened yet.")
        picture(page, "activity-empty")


@test
def a_program_is_let_in_by_its_code(world):
    with accounts(world):
        page = world.context(width=390).new_page()
        begun = page.request.post(world.server.url + "/api/auth/device", data={"clientName": "ss-cli on <b>box</b>"}).json()
        page.goto(begun["verificationURLComplete"])
        page.get_by_role("link", name="Continue with GitHub").click()
        expect(page.get_by_role("heading", name="Let a program in")).to_be_visible()
        expect(page.get_by_label("Code")).to_have_value(begun["userCode"])
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("ss-cli on <b>box</b>")).to_be_visible()
        fits(page)
        picture(page, "device")
        page.get_by_role("button", name="Let it in").click()
        expect(page.get_by_text("Done. You can close this page")).to_be_visible()
        # The program has no cookies.
        token = world.context().request.post(world.server.url + "/api/auth/device/token", data={"deviceCode": begun["deviceCode"]}).json()
        assert token["token"].startswith("sst_"), token


@test
def a_conversation_is_shared_and_read_by_anyone(world):
    with accounts(world):
        page = world.context().new_page()
        page.goto(world.server.url + "/")
        sign_in(page)
        chat = Chat(world, page)
        chat.choose(MODEL)
        chat.finished_answer("Share <i>this</i>", "**Bold** words")
        page.locator(".conversation").first.hover()
        page.get_by_role("button", name=re.compile("^Options for")).first.click()
        page.get_by_role("menuitem", name="Share").click()
        dialog = page.get_by_role("dialog", name="Share this conversation")
        dialog.get_by_role("button", name="Make a link").click()
        link = dialog.locator(".token-text code").text_content()
        picture(page, "share")
        stranger = world.context(width=390, color_scheme="dark").new_page()
        stranger.goto(link)
        expect(stranger.locator(".bubble")).to_have_text("Share <i>this</i>")
        expect(stranger.locator(".answer strong")).to_have_text("Bold")
        fits(stranger)
        picture(stranger, "shared")
        dialog.get_by_role("button", name="Stop sharing").click()
        expect(dialog.get_by_role("button", name="Stop sharing")).to_be_hidden()
        world.tolerate("the server responded with a status of 404")
        stranger.reload()
        expect(stranger.get_by_role("heading", name="Not here")).to_be_visible()


@test
def deleting_the_account_leaves_nobody(world):
    with accounts(world):
        page = world.context().new_page()
        page.goto(world.server.url + "/")
        sign_in(page)
        page.locator(".account-button").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name="Export my data").click()
        assert download.value.suggested_filename == "simple-stream-export.ndjson"
        page.locator(".account-button").click()
        page.get_by_role("menuitem", name="Delete my account").click()
        page.get_by_role("button", name="Delete for good").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
