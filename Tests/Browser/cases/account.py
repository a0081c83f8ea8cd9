"""Signing in and what an account's owner does on the page."""

import os
import re
from contextlib import contextmanager

from support.github import GitHub
from support.harness import MODEL, Chat, expect, test
from support.server import Server


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
