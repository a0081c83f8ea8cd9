"""Streaming: the answer arrives, stops, survives a refresh, a second tab and a restart."""

import re

from support.harness import expect, test, words


@test
def an_answer_streams_in(world):
    chat = world.chat()
    call = chat.ask("Count for me")
    assert call.prompts[-1] == "Count for me", call.prompts
    expect(chat.prompts.last).to_contain_text("Count for me")
    call.send(words(0, 5))
    chat.expect_text(words(0, 5).strip())
    chat.expect_status("streaming")
    call.send(words(5, 5))
    chat.expect_text(words(0, 10).strip())
    call.finish()
    chat.expect_status("complete")
    chat.expect_text(words(0, 10).strip())
    expect(chat.page.locator(".conversation.current")).to_have_count(1)
    assert "/chat/" in chat.page.url, chat.page.url
    expect(chat.answer.locator(".usage")).to_contain_text("34 out")


@test
def the_stop_button_closes_the_upstream_and_keeps_the_text(world):
    chat = world.chat()
    call = chat.ask("Count")
    call.send(words(0, 20))
    chat.expect_text(words(0, 20).strip())
    chat.button("Stop").click()
    chat.expect_status("cancelled")
    assert call.wait_closed(), "the provider's connection stayed open"
    chat.expect_text(words(0, 20).strip())
    expect(chat.answer).to_contain_text("Stopped")
    chat.page.reload()
    chat.expect_status("cancelled")
    chat.expect_text(words(0, 20).strip())


@test
def escape_stops(world):
    chat = world.chat()
    call = chat.ask("Count")
    call.send("begun ")
    chat.expect_text("begun")
    chat.page.keyboard.press("Escape")
    chat.expect_status("cancelled")
    assert call.wait_closed()


@test
def stopping_before_the_first_word(world):
    chat = world.chat()
    call = chat.ask("Count")
    expect(chat.answer.locator(".waiting")).to_be_visible()
    chat.button("Stop").click()
    chat.expect_status("cancelled")
    assert call.wait_closed()


@test
def a_refresh_in_mid_answer_neither_loses_nor_repeats(world):
    chat = world.chat()
    call = chat.ask("Count")
    for at in range(0, 60, 3):
        call.send(words(at, 3))
    chat.expect_text(words(0, 60).strip())
    chat.page.reload()
    # More comes while the page is away and while it comes back.
    for at in range(60, 120, 3):
        call.send(words(at, 3))
    chat.expect_text(words(0, 120).strip())
    chat.expect_status("streaming")
    chat.page.reload()
    call.send(words(120, 10))
    chat.expect_text(words(0, 130).strip())
    call.finish()
    chat.expect_status("complete")
    chat.expect_text(words(0, 130).strip())
    chat.page.reload()
    chat.expect_status("complete")
    chat.expect_text(words(0, 130).strip())


@test
def a_refresh_while_nobody_looks_still_ends_the_answer(world):
    chat = world.chat()
    call = chat.ask("Count")
    call.send(words(0, 4))
    chat.expect_text(words(0, 4).strip())
    address = chat.page.url
    chat.page.goto("about:blank")
    call.send(words(4, 4))
    call.finish()
    chat.page.goto(address)
    chat.expect_status("complete")
    chat.expect_text(words(0, 8).strip())


@test
def a_second_tab_sees_the_same_stream(world):
    context = world.context()
    first = world.chat(context)
    call = first.ask("Count")
    call.send(words(0, 10))
    first.expect_text(words(0, 10).strip())
    second = world.chat(context, path=first.page.url.removeprefix(world.server.url))
    second.expect_text(words(0, 10).strip())
    call.send(words(10, 10))
    first.expect_text(words(0, 20).strip())
    second.expect_text(words(0, 20).strip())
    call.finish()
    first.expect_status("complete")
    second.expect_status("complete")
    # A question asked there shows here, prompt and all.
    call = second.ask("And then?")
    call.send("then this")
    expect(first.prompts.last).to_contain_text("And then?")
    first.expect_text("then this")
    call.finish()
    first.expect_status("complete")


@test
def another_tab_can_stop_the_answer(world):
    context = world.context()
    first = world.chat(context)
    call = first.ask("Count")
    call.send(words(0, 3))
    first.expect_text(words(0, 3).strip())
    second = world.chat(context, path=first.page.url.removeprefix(world.server.url))
    second.expect_text(words(0, 3).strip())
    second.button("Stop").click()
    first.expect_status("cancelled")
    second.expect_status("cancelled")
    assert call.wait_closed()


@test
def a_new_chat_shows_in_the_list_of_another_tab(world):
    context = world.context()
    first = world.chat(context)
    second = world.chat(context)
    expect(second.area).to_be_visible()
    first.finished_answer("A question only for the list", "Fine.")
    expect(second.page.locator(".conversation", has_text="A question only")).to_have_count(1)


@test
def the_page_reconnects_after_a_restart(world):
    world.tolerate("WebSocket connection|ERR_CONNECTION_REFUSED|Failed to load resource")
    chat = world.chat()
    chat.finished_answer("Before", "Before the restart.")
    world.server.stop()
    chat.area.fill("After")
    chat.area.press("Enter")
    expect(chat.prompts.last).to_contain_text("After")
    expect(chat.page.locator(".connection")).to_contain_text("No connection")
    world.server.start()
    # The question was kept and is asked once the server is back.
    call = world.upstream.next_call()
    assert call.prompts[-1] == "After", call.prompts
    call.answer("After the restart.")
    chat.expect_status("complete")
    chat.expect_text("After the restart.")
    expect(chat.prompts).to_have_count(2)
    expect(chat.page.locator(".connection")).to_be_hidden()


@test
def a_killed_server_leaves_the_text_and_says_so(world):
    world.tolerate("WebSocket connection|ERR_CONNECTION_REFUSED|Failed to load resource")
    chat = world.chat()
    call = chat.ask("Count")
    call.send(words(0, 12))
    chat.expect_text(words(0, 12).strip())
    world.server.stop(hard=True)
    world.server.start()
    chat.expect_status("interrupted")
    chat.expect_text(words(0, 12).strip())
    expect(chat.answer).to_contain_text("interrupted")
    chat.button("Try again").click()
    world.upstream.next_call().answer("Whole now.")
    chat.expect_status("complete")
    chat.expect_text("Whole now.")


@test
def thinking_has_a_panel_with_its_time(world):
    chat = world.chat()
    call = chat.ask("Think")
    call.think("First I **wonder**. ")
    panel = chat.answer.locator(".thinking-button")
    expect(panel).to_contain_text("Thinking")
    panel.click()
    expect(chat.answer.locator(".thinking-body")).to_have_text("First I wonder.")
    call.think("Then I know.")
    expect(chat.answer.locator(".thinking-body")).to_have_text("First I wonder. Then I know.")
    call.send("It is 42.")
    expect(panel).to_contain_text("Thought for")
    call.finish()
    chat.expect_status("complete")
    chat.page.reload()
    expect(chat.answer.locator(".thinking-button")).to_contain_text("Thought for")


@test
def scrolling_up_is_left_alone(world):
    chat = world.chat(height=500)
    call = chat.ask("Long")
    call.send("".join(f"Line {number}\n\n" for number in range(60)))
    expect(chat.text).to_contain_text("Line 59")
    feed = chat.page.locator(".feed")
    distance = "(feed => feed.scrollHeight - feed.clientHeight - feed.scrollTop)(document.querySelector('.feed'))"
    chat.page.wait_for_function(f"() => {distance} < 4")
    feed.hover()
    chat.page.mouse.wheel(0, -600)
    chat.page.wait_for_function(f"() => {distance} > 100")
    before = feed.evaluate("feed => feed.scrollTop")
    call.send("".join(f"More {number}\n\n" for number in range(60)))
    expect(chat.text).to_contain_text("More 59")
    assert feed.evaluate("feed => feed.scrollTop") == before, "the page scrolled by itself"
    chat.button("Go to the newest text").click()
    chat.page.wait_for_function(f"() => {distance} < 4")
    call.send("The very last line")
    expect(chat.text).to_contain_text("The very last line")
    chat.page.wait_for_function(f"() => {distance} < 4")
    call.finish()
    chat.expect_finished()


@test
def the_demo_model_answers_without_any_key(world):
    chat = world.chat()
    chat.choose("demo")
    expect(chat.page.locator(".model-button")).to_have_class(re.compile("demo"))
    chat.send("Say exactly this")
    chat.expect_status("complete")
    expect(chat.text).to_contain_text("Say exactly this")
    expect(chat.answer.locator(".answer-name")).to_contain_text("Demo")


@test
def a_question_survives_a_reload_before_it_was_sent(world):
    context = world.context()
    chat = world.chat(context)
    # A connection that opens and says nothing.
    chat.page.route_web_socket("**/ws", lambda socket: None)
    chat.page.reload()
    chat.send("Do not lose this")
    expect(chat.prompts).to_have_count(1)
    state = chat.page.evaluate("sessionStorage.getItem('simple-stream.unsent')")
    assert "Do not lose this" in state, state
    # The tab as it is after a reload: same session storage, a connection that works.
    fresh = world.chat(context)
    fresh.page.evaluate("state => sessionStorage.setItem('simple-stream.unsent', state)", state)
    fresh.page.reload()
    call = world.upstream.next_call()
    assert call.prompts == ["Do not lose this"], call.prompts
    call.answer("It is here.")
    fresh.expect_text("It is here.")
    fresh.expect_status("complete")
    expect(fresh.prompts).to_have_count(1)
    assert fresh.page.evaluate("sessionStorage.getItem('simple-stream.unsent')") == "[]"
