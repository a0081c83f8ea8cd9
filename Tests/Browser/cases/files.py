"""Files that go along with a prompt, and formulas in answers."""

import base64
import struct
import zlib

from support.harness import expect, test


def picture(width=8, height=8):
    """A small red PNG."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\x00" + b"\xd0\x30\x30" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def attach(chat, *files):
    chat.page.get_by_label("Files to attach").set_input_files([{"name": name, "mimeType": mime, "buffer": data} for name, mime, data in files])


def hand_over(chat, selector, event, name, mime, data):
    """Drops or pastes a file as a browser would."""
    chat.page.locator(selector).evaluate(
        """(target, [type, name, mime, text]) => {
          const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type: mime }));
          const options = { bubbles: true, cancelable: true };
          const made = type === 'paste'
            ? new ClipboardEvent('paste', { ...options, clipboardData: transfer })
            : [ 'dragenter', 'dragover', 'drop' ].map((step) => new DragEvent(step, { ...options, dataTransfer: transfer }));
          for (const one of [made].flat()) target.dispatchEvent(one);
        }""",
        [event, name, mime, base64.b64encode(data).decode()],
    )


@test
def a_picture_goes_along_with_a_prompt(world):
    chat = world.chat()
    attach(chat, ("red.png", "image/png", picture()))
    item = chat.page.locator(".tray-item.ready")
    expect(item).to_contain_text("red.png")
    expect(item.locator("img")).to_be_visible()
    call = chat.ask("What colour?")
    content = call.body["messages"][-1]["content"]
    url = next(part["image_url"]["url"] for part in content if part["type"] == "image_url")
    assert url == "data:image/png;base64," + base64.b64encode(picture()).decode(), url[:80]
    expect(chat.page.locator(".tray")).to_be_hidden()
    expect(chat.prompts.last.locator("img.sent-picture")).to_be_visible()
    call.answer("Red.")
    chat.expect_status("complete")
    chat.page.reload()
    sent = chat.prompts.last.locator("img.sent-picture")
    expect(sent).to_be_visible()
    assert sent.evaluate("image => image.decode().then(() => image.naturalWidth)") == 8


@test
def files_are_removed_before_they_are_sent(world):
    chat = world.chat()
    attach(chat, ("a.txt", "text/plain", b"first"), ("b.txt", "text/plain", b"second"))
    expect(chat.page.locator(".tray-item.ready")).to_have_count(2)
    with chat.page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
        chat.button("Remove a.txt").click()
    assert deleted.value.status in (200, 204)
    expect(chat.page.locator(".tray-item")).to_have_count(1)
    call = chat.ask("Read")
    assert "second" in str(call.body["messages"][-1]) and "first" not in str(call.body["messages"][-1])
    call.answer("Read it.")
    chat.expect_status("complete")
    expect(chat.prompts.last.locator("a.sent-file")).to_contain_text("b.txt")


@test
def a_file_alone_is_a_prompt(world):
    chat = world.chat()
    expect(chat.button("Send")).to_be_disabled()
    attach(chat, ("note.txt", "text/plain", b"Only me."))
    expect(chat.page.locator(".tray-item.ready")).to_have_count(1)
    chat.button("Send").click()
    world.upstream.next_call().answer("Got it.")
    chat.expect_status("complete")
    expect(chat.prompts.last.locator(".bubble")).to_be_hidden()


@test
def files_are_dropped_and_pasted(world):
    chat = world.chat()
    hand_over(chat, ".feed", "drop", "dropped.png", "image/png", picture())
    expect(chat.page.locator(".tray-item.ready")).to_contain_text("dropped.png")
    expect(chat.page.locator(".main.dropping")).to_have_count(0)
    hand_over(chat, ".composer-area", "paste", "pasted.png", "image/png", picture())
    expect(chat.page.locator(".tray-item.ready")).to_have_count(2)


@test
def what_cannot_be_attached_says_why(world):
    world.tolerate("status of 415")
    chat = world.chat()
    attach(chat, ("program.bin", "application/octet-stream", bytes(range(256)) * 4))
    failed = chat.page.locator(".tray-item.failed")
    expect(failed).to_contain_text("must be png, jpeg, gif, webp, pdf or")
    chat.area.fill("Send anyway")
    expect(chat.button("Send")).to_be_disabled()
    chat.button("Remove program.bin").click()
    expect(chat.button("Send")).to_be_enabled()
    attach(chat, ("empty.txt", "text/plain", b""))
    expect(failed).to_contain_text("empty")
    chat.button("Remove empty.txt").click()
    attach(chat, ("huge.txt", "text/plain", b"x" * (20 * 1024 * 1024 + 1)))
    expect(failed).to_contain_text("Too large")


@test
def an_edited_prompt_keeps_its_files(world):
    chat = world.chat()
    attach(chat, ("red.png", "image/png", picture()))
    expect(chat.page.locator(".tray-item.ready")).to_have_count(1)
    chat.ask("What is it?").answer("A square.")
    chat.expect_status("complete")
    chat.prompts.last.hover()
    chat.prompts.last.get_by_role("button", name="Edit prompt").click()
    editor = chat.page.get_by_role("textbox", name="Edit prompt")
    editor.fill("What colour is it?")
    editor.press("Enter")
    call = world.upstream.next_call()
    assert "image_url" in str(call.body["messages"][-1]), call.body["messages"]
    call.answer("Red.")
    chat.expect_status("complete")
    expect(chat.prompts.last.locator("img.sent-picture")).to_be_visible()


@test
def formulas_are_drawn(world):
    chat = world.chat()
    text = "Euler: $e^{i\\pi}+1=0$ and\n\n$$\\sum_{n=1}^{\\infty}\\frac{1}{n^2}=\\frac{\\pi^2}{6}$$\n\n\\[\\begin{pmatrix}a&b\\\\c&d\\end{pmatrix}\\]\n\nNot known: $\\nosuch{x}$. Costs $5 or $10."
    chat.finished_answer("Draw", text)
    expect(chat.text.locator("math")).to_have_count(3)
    expect(chat.text.locator("math mfrac")).to_have_count(2)
    expect(chat.text.locator("math mtr")).to_have_count(2)
    expect(chat.text.locator(".math-source code")).to_have_text("\\nosuch{x}")
    expect(chat.text).to_contain_text("Costs $5 or $10.")
    box = chat.text.locator("math mfrac").first.bounding_box()
    assert box["height"] > 15, box
