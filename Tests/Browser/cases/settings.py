"""The settings: keys, how answers should be, the list of models."""

import re
import time

from support.harness import expect, test
from support.upstream import KEY


def open_settings(chat, tab=None):
    chat.button("Settings").click()
    dialog = chat.page.get_by_role("dialog", name="Settings")
    expect(dialog).to_be_visible()
    if tab:
        dialog.get_by_role("tab", name=tab).click()
    return dialog


def card(dialog, provider):
    return dialog.locator(f".key-card[data-provider={provider}]")


def open_profile(chat):
    chat.button("About you").click()
    dialog = chat.page.get_by_role("dialog", name="About you")
    expect(dialog).to_be_visible()
    return dialog


def save_profile(dialog):
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def profile(chat):
    return chat.page.request.get(chat.world.server.url + "/api/profile").json()


def wait_for_settings(chat, wanted):
    """Waits until the server has exactly these settings: each field is saved by a request of its own."""
    deadline = time.monotonic() + 20
    while (settings := chat.page.request.get(chat.world.server.url + "/api/settings").json()) != wanted:
        assert time.monotonic() < deadline, f"{settings} is not {wanted}"
        # Lets the page's events be handled meanwhile.
        chat.page.wait_for_timeout(50)


@test
def a_key_is_added_checked_replaced_and_removed(world):
    world.tolerate("status of 400")
    chat = world.chat()
    dialog = open_settings(chat, "Keys")
    acme = card(dialog, "acme")
    expect(acme.locator(".key-state")).to_have_text("No key")
    acme.get_by_role("button", name="Add key: Acme").click()
    field = acme.get_by_label("API key")
    expect(field).to_have_attribute("type", "password")
    expect(field).to_be_focused()
    # A key the provider does not know is not saved, and says why.
    field.fill("acme-wrong-key-000000")
    acme.get_by_role("button", name="Check and save").click()
    expect(acme.get_by_role("alert")).to_contain_text("does not accept the API key")
    assert world.upstream.refused_keys[-1] == "Bearer acme-wrong-key-000000"
    field.fill(KEY)
    acme.get_by_label("Label").fill("Work")
    acme.get_by_role("button", name="Check and save").click()
    expect(acme.locator(".key-state")).to_have_text("Works")
    expect(acme.locator(".key-detail")).to_contain_text("Work")
    expect(acme.locator(".key-detail code")).to_have_text(f"\u2022\u2022\u2022\u2022 {KEY[-4:]}")
    expect(acme.locator(".key-verdict")).to_contain_text("checked")
    expect(acme.locator("input")).to_have_count(0)
    assert KEY not in chat.page.content()
    assert chat.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])").find(KEY) < 0
    # Its models can be used at once.
    dialog.get_by_role("tab", name="Models").click()
    dialog.get_by_label("Search the models").fill("acme")
    use = dialog.locator(".model-card", has_text="acme/scripted-model").get_by_role("button", name=re.compile("^Use"))
    expect(use).to_be_visible()
    dialog.get_by_role("tab", name="Keys").click()
    acme.get_by_role("button", name="Check now: Acme").click()
    expect(acme.locator(".key-verdict")).to_contain_text("The key works.")
    acme.get_by_role("button", name="Remove: Acme").click()
    chat.page.get_by_role("dialog", name="Remove the key").get_by_role("button", name="Remove", exact=True).click()
    expect(acme.locator(".key-state")).to_have_text("No key")


@test
def a_key_that_is_saved_answers_after_a_reload(world):
    chat = world.chat()
    dialog = open_settings(chat, "Keys")
    acme = card(dialog, "acme")
    acme.get_by_role("button", name="Add key: Acme").click()
    acme.get_by_label("API key").fill(KEY)
    acme.get_by_label("API key").press("Enter")
    expect(acme.locator(".key-state")).to_have_text("Works")
    chat.page.reload()
    chat.page.locator(".model-button").click()
    chat.page.get_by_role("listbox", name="Models").get_by_role("group", name="Acme").get_by_role("option").first.click()
    call = chat.ask("With my key")
    assert call.authorization == f"Bearer {KEY}", call.authorization
    call.answer("Yours.")
    chat.expect_status("complete")
    chat.page.evaluate("fetch('/api/keys/acme', {method: 'DELETE'})")


@test
def a_key_in_the_field_does_not_outlive_the_form(world):
    chat = world.chat()
    dialog = open_settings(chat, "Keys")
    openai = card(dialog, "openai")
    openai.get_by_role("button", name="Add key: OpenAI").click()
    openai.get_by_label("API key").fill("sk-not-saved-0123456789")
    # Escape closes the form first, then the dialog.
    openai.get_by_label("API key").press("Escape")
    expect(openai.get_by_role("button", name="Add key: OpenAI")).to_be_focused()
    expect(dialog).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert "sk-not-saved" not in chat.page.content()


@test
def settings_shape_the_request(world):
    chat = world.chat()
    dialog = open_settings(chat, "Answers")
    dialog.get_by_label("Temperature").fill("0.3")
    dialog.get_by_label("At most tokens").fill("77")
    dialog.get_by_label("Said to the model before every conversation").fill("Speak like a pirate.")
    dialog.get_by_label("Thinking").select_option("low")
    dialog.get_by_label("At most tokens").press("Tab")
    expect(chat.page.get_by_label("Thinking")).to_have_value("low")
    wait_for_settings(chat, {"temperature": 0.3, "maxTokens": 77, "systemPrompt": "Speak like a pirate.", "reasoningEffort": "low"})
    chat.page.reload()
    call = chat.ask("Ahoy")
    assert call.body["temperature"] == 0.3 and call.body["max_tokens"] == 77, call.body
    assert call.body["messages"][0] == {"role": "system", "content": "Speak like a pirate."}, call.body["messages"][0]
    call.answer("Arr.")
    chat.expect_status("complete")
    # Another page of the same user follows.
    other = world.chat(chat.page.context)
    other_dialog = open_settings(other, "Answers")
    expect(other_dialog.get_by_label("Temperature")).to_have_value("0.3")
    dialog = open_settings(chat, "Answers")
    for label in ("Temperature", "At most tokens", "Said to the model before every conversation"):
        dialog.get_by_label(label).fill("")
    dialog.get_by_label("Thinking").select_option("")
    dialog.get_by_label("Temperature").press("Tab")
    expect(other_dialog.get_by_label("Temperature")).to_have_value("")
    expect(other_dialog.get_by_label("At most tokens")).to_have_value("")
    # What is cleared is removed, not kept as an empty text.
    wait_for_settings(chat, {})


@test
def a_place_is_shared_only_when_allowed(world):
    world.tolerate("status of 400")
    chat = world.chat(timezone_id="Europe/Lisbon", locale="pt-PT")
    # The settings say where the place is, and ask for none themselves.
    dialog = open_settings(chat, "Answers")
    expect(dialog.get_by_text("Where you are is in About you.")).to_be_visible()
    expect(dialog.get_by_label("City")).to_have_count(0)
    dialog.get_by_role("button", name="Close settings").click()
    # Nothing is sent before it is saved.
    dialog = open_profile(chat)
    expect(dialog.get_by_label("What to call you")).to_be_focused()
    dialog.get_by_role("button", name="Fill in from this browser").click()
    expect(dialog.get_by_label("Time zone")).to_have_value("Europe/Lisbon")
    expect(dialog.get_by_label("Language")).to_have_value("pt-PT")
    expect(dialog.get_by_label("Browser")).to_have_value(chat.page.evaluate("navigator.userAgent"))
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert profile(chat) == {"shareLocation": False}, profile(chat)
    # A place alone is no consent; what cannot be a place is not saved, and says why.
    dialog = open_profile(chat)
    consent = dialog.get_by_label("Web searches may be told roughly where I am")
    expect(consent).not_to_be_checked()
    for label, text in (("What to call you", " Ada "), ("City", "Lisbon"), ("Country", "Portugal"), ("Time zone", "Europe/Lisbon"), ("Browser", "Ada's own")):
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("two letters")
    dialog.get_by_label("Country").fill("pt")
    save_profile(dialog)
    place = {"name": "Ada", "city": "Lisbon", "country": "PT", "timeZone": "Europe/Lisbon", "userAgent": "Ada's own"}
    assert profile(chat) == {**place, "shareLocation": False}, profile(chat)
    greeting = chat.page.get_by_role("region", name="New chat").get_by_role("heading")
    expect(greeting).to_have_text(re.compile("^(Good (morning|afternoon|evening), Ada|Still up, Ada\\?)$"))
    dialog = open_profile(chat)
    consent.check()
    save_profile(dialog)
    assert profile(chat) == {**place, "shareLocation": True}, profile(chat)
    settings = chat.page.request.get(world.server.url + "/api/settings").json()
    assert not {"location", "shareLocation"} & settings.keys(), settings
    # It is still so after a reload, and can be taken back.
    chat.page.reload()
    expect(greeting).to_contain_text("Ada")
    dialog = open_profile(chat)
    expect(dialog.get_by_label("City")).to_have_value("Lisbon")
    expect(consent).to_be_checked()
    consent.uncheck()
    for label in ("What to call you", "City", "Country", "Time zone", "Browser"):
        dialog.get_by_label(label).fill("")
    save_profile(dialog)
    expect(greeting).not_to_contain_text("Ada")
    assert profile(chat) == {"shareLocation": False}, profile(chat)


@test
def models_are_searched_and_filtered(world):
    chat = world.chat()
    dialog = open_settings(chat, "Models")
    expect(dialog.locator(".model-card").first).to_be_visible()
    dialog.get_by_label("Provider", exact=True).select_option("anthropic")
    cards = dialog.locator(".model-card")
    expect(cards.first).to_contain_text("anthropic/claude")
    expect(cards.first).to_contain_text("In / out per million")
    expect(cards.first.locator(".price-source")).to_contain_text("2026")
    dialog.get_by_label("Search the models").fill("haiku")
    for text in cards.locator("code").all_inner_texts():
        assert "haiku" in text, text
    dialog.get_by_label("Provider", exact=True).select_option("")
    dialog.get_by_label("Search the models").fill("")
    dialog.get_by_label("Order").select_option("price")
    dialog.get_by_label("Only those I can use").check()
    expect(dialog.locator(".model-card .missing")).to_have_count(0)
    dialog.get_by_role("button", name="Use demo", exact=False).or_(dialog.get_by_role("button", name=re.compile("Use"))).first.click()
    expect(dialog).to_be_hidden()


@test
def settings_work_by_keyboard(world):
    chat = world.chat()
    chat.button("Settings").focus()
    chat.page.keyboard.press("Enter")
    dialog = chat.page.get_by_role("dialog", name="Settings")
    expect(dialog.get_by_role("tab", name="Keys")).to_be_focused()
    chat.page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("tab", name="Answers")).to_be_focused()
    expect(dialog.get_by_label("Temperature")).to_be_visible()
    chat.page.keyboard.press("End")
    expect(dialog.get_by_role("tab", name="Models")).to_have_attribute("aria-selected", "true")
    chat.page.keyboard.press("Home")
    for _ in range(2):
        chat.page.keyboard.press("Tab")
    assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")
    chat.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@test
def settings_fit_a_phone(world):
    chat = world.chat(width=390, height=780, has_touch=True)
    chat.button("Show conversations").click()
    dialog = open_settings(chat)
    for tab in ("Keys", "Answers", "Models"):
        dialog.get_by_role("tab", name=tab).click()
        body = dialog.locator(".settings-body")
        assert body.evaluate("body => body.scrollWidth <= body.clientWidth"), tab
    dialog.get_by_role("tab", name="Keys").click()
    card(dialog, "gemini").get_by_role("button", name="Add key: Google Gemini").click()
    assert dialog.locator(".settings-body").evaluate("body => body.scrollWidth <= body.clientWidth")
    nameless = dialog.evaluate(
        """dialog => [...dialog.querySelectorAll('button, a, input, select, textarea')]
          .filter((node) => node.checkVisibility() && !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.[0]?.textContent.trim()))
          .map((node) => node.outerHTML)"""
    )
    assert nameless == [], nameless
    dialog.get_by_role("button", name="Close settings").click()
    expect(dialog).to_be_hidden()
