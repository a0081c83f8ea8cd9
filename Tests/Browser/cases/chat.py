"""Conversations: errors, branches, the list, models, drafts."""

import re

from support.harness import MODEL, expect, test


@test
def a_refused_request_says_why_and_can_be_tried_again(world):
    chat = world.chat()
    chat.ask("Try").fail(401, "bad key")
    expect(chat.answer.locator(".problem")).to_be_visible()
    expect(chat.answer.locator(".problem")).to_contain_text("provider_auth")
    chat.button("Try again").click()
    world.upstream.next_call().answer("Now it works.")
    chat.expect_status("complete")
    chat.expect_text("Now it works.")
    expect(chat.prompts).to_have_count(1)


@test
def another_answer_is_a_branch_beside_the_first(world):
    chat = world.chat()
    chat.finished_answer("Pick a colour", "Green.")
    chat.button("Answer again").click()
    world.upstream.next_call().answer("Blue.")
    chat.expect_text("Blue.")
    chat.expect_status("complete")
    expect(chat.answer.locator(".branches")).to_contain_text("2 / 2")
    chat.answer.get_by_role("button", name="Previous version").click()
    chat.expect_text("Green.")
    expect(chat.answer.locator(".branches")).to_contain_text("1 / 2")
    expect(chat.prompts).to_have_count(1)


@test
def an_edited_prompt_starts_a_branch(world):
    chat = world.chat()
    chat.finished_answer("First question", "First answer.")
    chat.finished_answer("Second question", "Second answer.")
    chat.prompts.last.hover()
    chat.prompts.last.get_by_role("button", name="Edit prompt").click()
    editor = chat.page.get_by_role("textbox", name="Edit prompt")
    editor.fill("Second question, better put")
    editor.press("Enter")
    call = world.upstream.next_call()
    assert call.prompts == ["First question", "Second question, better put"], call.prompts
    call.answer("Better answer.")
    chat.expect_text("Better answer.")
    chat.expect_status("complete")
    expect(chat.prompts).to_have_count(2)
    expect(chat.prompts.last.locator(".branches")).to_contain_text("2 / 2")
    chat.page.reload()
    chat.expect_text("Better answer.")
    chat.prompts.last.get_by_role("button", name="Previous version").click()
    chat.expect_text("Second answer.")


@test
def an_edited_first_prompt_has_no_history(world):
    chat = world.chat()
    chat.finished_answer("Old start", "Old answer.")
    chat.prompts.first.hover()
    chat.prompts.first.get_by_role("button", name="Edit prompt").click()
    editor = chat.page.get_by_role("textbox", name="Edit prompt")
    editor.fill("New start")
    editor.press("Enter")
    call = world.upstream.next_call()
    assert call.prompts == ["New start"], call.prompts
    call.answer("New answer.")
    chat.expect_text("New answer.")
    chat.expect_status("complete")
    expect(chat.prompts).to_have_count(1)
    expect(chat.prompts.first.locator(".branches")).to_contain_text("2 / 2")


@test
def conversations_are_renamed_found_and_deleted(world):
    chat = world.chat()
    chat.finished_answer("Zebra crossing rules", "Look left.")
    row = chat.page.locator(".conversation.current")
    row.hover()
    row.get_by_role("button").click()
    chat.page.get_by_role("menuitem", name="Rename").click()
    title = chat.page.get_by_label("New title")
    title.fill("Quagga notes")
    title.press("Enter")
    expect(row).to_contain_text("Quagga notes")
    expect(chat.page.locator("h1")).to_have_text("Quagga notes")
    chat.page.reload()
    expect(chat.page.locator("h1")).to_have_text("Quagga notes")
    search = chat.page.get_by_label("Search conversations")
    search.fill("quagga")
    expect(chat.page.locator(".conversation")).to_have_count(1)
    search.fill("nothing has these words")
    expect(chat.page.locator(".conversation")).to_have_count(0)
    search.fill("")
    row.hover()
    row.get_by_role("button").click()
    chat.page.get_by_role("menuitem", name="Delete").click()
    chat.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(chat.page.locator(".conversation", has_text="Quagga notes")).to_have_count(0)
    expect(chat.page.locator(".empty")).to_be_visible()
    assert chat.page.url == world.server.url + "/", chat.page.url


@test
def the_model_can_change_in_mid_conversation_and_is_remembered(world):
    chat = world.chat()
    chat.choose(MODEL)
    chat.finished_answer("Hello", "Hello yourself.")
    chat.choose("demo")
    chat.send("echo this back")
    expect(chat.text).to_contain_text("echo this back")
    chat.expect_status("complete")
    expect(chat.answers.first.locator(".answer-name")).to_contain_text(MODEL)
    chat.page.reload()
    expect(chat.page.locator(".model-button")).to_have_class(re.compile("demo"))
    expect(chat.answers).to_have_count(2)


@test
def models_are_listed_by_provider_and_the_demo_is_labelled(world):
    chat = world.chat()
    chat.page.locator(".model-button").click()
    panel = chat.page.locator(".model-panel")
    expect(panel.get_by_role("group", name="On this machine")).to_contain_text(MODEL)
    expect(panel.get_by_role("group", name="Demo")).to_contain_text("repeats your words")
    # What can be used comes before what needs a key, and that says which.
    expect(panel.get_by_role("group").first).to_have_attribute("aria-label", "On this machine")
    panel.get_by_role("group", name="Anthropic").locator(".model-option").first.click(force=True)
    expect(panel.get_by_role("status")).to_contain_text("add yours in the settings")
    chat.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


@test
def a_draft_outlives_a_reload(world):
    chat = world.chat()
    chat.area.fill("half a thought")
    chat.page.reload()
    expect(chat.area).to_have_value("half a thought")
    chat.finished_answer("A question", "An answer.")
    expect(chat.area).to_have_value("")
    chat.page.reload()
    expect(chat.area).to_have_value("")


@test
def shift_and_enter_make_a_line(world):
    chat = world.chat()
    chat.area.fill("one")
    chat.area.press("Shift+Enter")
    chat.area.press_sequentially("two")
    expect(chat.area).to_have_value("one\ntwo")
    expect(chat.prompts).to_have_count(0)


@test
def an_unknown_conversation_says_so(world):
    world.tolerate("status of 404")
    chat = world.chat(path="/chat/0197aaaa-0000-7000-8000-000000000000")
    expect(chat.page.locator(".failure")).to_contain_text("not here")


@test
def back_and_forward_change_the_conversation(world):
    chat = world.chat()
    chat.finished_answer("Number one", "The first.")
    chat.page.locator("a.new-chat").click()
    expect(chat.page.locator(".empty")).to_be_visible()
    chat.finished_answer("Number two", "The second.")
    chat.page.go_back()
    chat.expect_text("The first.")
    chat.page.go_forward()
    chat.expect_text("The second.")


@test
def a_long_list_is_read_page_by_page(world):
    chat = world.chat()
    count = 55
    statuses = chat.page.evaluate(
        """async (count) => {
          const ask = async (number) => {
            const body = JSON.stringify({ conversationId: "new-chat", provider: "demo", model: "echo", prompt: `paging ${number}` });
            const response = await fetch("/api/chat", { method: "POST", headers: { "Content-Type": "application/json" }, body });
            await response.text();
            return response.status;
          };
          const statuses = [];
          for (let at = 0; at < count; at += 5) {
            statuses.push(...await Promise.all([0, 1, 2, 3, 4].map((step) => ask(at + step))));
          }
          return statuses;
        }""",
        count,
    )
    assert statuses == [200] * count, statuses
    chat.page.reload()
    listed = chat.page.locator(".conversation", has_text="paging")
    expect(listed).not_to_have_count(0)
    assert listed.count() < count, "the list came in one piece"
    chat.page.locator(".conversations").hover()
    chat.page.mouse.wheel(0, 20_000)
    expect(listed).to_have_count(count)
