"""The page itself: its policy, hostile answers, phones, colours."""

from support.harness import expect, test

HOSTILE = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror=\"window.pwned = 2\">",
    "<svg onload=window.pwned=3><circle/></svg>",
    "<iframe src=\"javascript:parent.pwned=4\"></iframe>",
    "[a](javascript:window.pwned=5)",
    "[b](JaVaScRiPt:window.pwned=6)",
    "[c](\tjava\nscript:window.pwned=7)",
    "[d](data:text/html,<script>window.pwned=8</script>)",
    "[e](vbscript:window.pwned=9)",
    "![f](javascript:window.pwned=10)",
    "![g](https://attacker.invalid/pixel.png)",
    "![h\" onerror=\"window.pwned=11](https://attacker.invalid/x\"onerror=\"window.pwned=12)",
    "<https://attacker.invalid/\"onmouseover=\"window.pwned=13>",
    "![i](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)",
    "```html\"><script>window.pwned=14</script>\n<script>window.pwned=15</script>\n```",
    "| <b onclick=window.pwned=16>x</b> | y |\n|---|---|\n| <style>*{display:none}</style> | [z](javascript:window.pwned=17) |",
    "<form action=https://attacker.invalid><input name=q></form>",
    "<meta http-equiv=refresh content=\"0;url=https://attacker.invalid\">",
    "&lt;script&gt;window.pwned=18&lt;/script&gt; &#60;script>window.pwned=19</script>",
    "$<img src=x onerror=window.pwned=20>$ \\(<script>window.pwned=21</script>\\)",
    "[j](//attacker.invalid) [k](/api/auth/sign-out) [l](file:///etc/passwd) [m](blob:https://attacker.invalid/1)",
    "<a href=\"javascript:window.pwned=22\">n</a> <base href=https://attacker.invalid>",
]


@test
def the_policy_allows_nothing_but_the_page(world):
    page = world.context().new_page()
    response = page.goto(world.server.url + "/")
    policy = response.headers.get("content-security-policy", "")
    for part in ("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy, policy
    assert "unsafe" not in policy, policy
    assert page.request.get(world.server.url + "/chat/anything").status == 200
    script = page.request.get(world.server.url + "/assets/app.js")
    assert "javascript" in script.headers["content-type"], script.headers
    assert page.request.get(world.server.url + "/assets/missing.js").status == 404
    assert page.request.get(world.server.url + "/assets/../../Package.swift").status in (400, 404)
    assert page.request.get(world.server.url + "/assets/%2e%2e/%2e%2e/Package.swift").status in (400, 404)


@test
def hostile_answers_stay_text(world):
    chat = world.chat()
    call = chat.ask("Attack")
    # In small pieces, so that every unfinished state is drawn too.
    for part in HOSTILE:
        for at in range(0, len(part), 5):
            call.send(part[at : at + 5])
        call.send("\n\n")
    call.think("<script>window.pwned=30</script> ![t](https://attacker.invalid/t.png)")
    call.send("the end")
    expect(chat.text).to_contain_text("the end")
    check_harmless(chat)
    call.finish()
    chat.expect_status("complete")
    check_harmless(chat)
    expect(chat.text).to_contain_text("<script>window.pwned = 1</script>")
    expect(chat.text).to_contain_text("<img src=x onerror=\"window.pwned = 2\">")
    # Hovering and clicking what looks like a link changes nothing either.
    for link in chat.text.locator("a").all():
        link.hover()
    check_harmless(chat)


@test
def hostile_prompts_and_titles_stay_text(world):
    chat = world.chat()
    chat.finished_answer("<img src=x onerror=\"window.pwned=40\"><script>window.pwned=41</script>", "<b>ok</b>")
    expect(chat.prompts.last).to_contain_text("<img src=x")
    chat.page.reload()
    chat.expect_status("complete")
    expect(chat.page.locator(".conversation.current")).to_be_visible()
    check_harmless(chat)


def check_harmless(chat):
    assert chat.page.evaluate("window.pwned") is None, chat.page.evaluate("window.pwned")
    report = chat.page.evaluate(
        """() => {
          const inside = [...document.querySelectorAll('.messages *, .conversation *, h1')];
          const links = inside.filter((node) => node.localName === 'a' && !node.closest('.conversation'));
          return {
            tags: inside.map((node) => node.localName).filter((name) => ['script', 'iframe', 'style', 'form', 'base', 'meta', 'object', 'embed'].includes(name)),
            handlers: inside.flatMap((node) => node.getAttributeNames()).filter((name) => name.startsWith('on') || name === 'style'),
            links: links.map((node) => node.protocol).filter((scheme) => !['http:', 'https:', 'mailto:'].includes(scheme)),
            own: links.filter((node) => node.host === location.host).length,
            unsafe: links.filter((node) => node.target !== '_blank' || !node.relList.contains('noopener')).length,
            pictures: inside.filter((node) => node.localName === 'img').map((node) => node.src).filter((src) => !src.startsWith('data:image/png')),
          };
        }"""
    )
    assert report == {"tags": [], "handlers": [], "links": [], "own": 0, "unsafe": 0, "pictures": []}, report


@test
def markdown_is_drawn(world):
    chat = world.chat()
    text = (
        "# Title\n\nA **bold** and *soft* word, `code`, ~~gone~~, [site](https://example.com).\n\n"
        "| Left | Right |\n|:--|--:|\n| a | 1 |\n| b | 2 |\n\n- one\n  - nested\n- [x] done\n\n> said\n\n```swift\nlet a = 1\n```\n\n---\n\nEnd."
    )
    chat.finished_answer("Draw", text)
    for selector in ("h3.h1", "strong", "em", "del", "a[href='https://example.com/']", "table", "td.align-right", "ul ul", ".task input", "blockquote", "hr"):
        expect(chat.text.locator(selector).first).to_be_visible()
    expect(chat.text.locator("td")).to_have_count(4)
    expect(chat.text.locator("figure.code figcaption")).to_contain_text("swift")
    expect(chat.text.locator("figure.code code")).to_have_text("let a = 1")


@test
def code_and_answers_are_copied(world):
    chat = world.chat(permissions=["clipboard-read", "clipboard-write"])
    chat.finished_answer("Code", "Here:\n\n```python\nprint(1)\nprint(2)\n```")
    chat.button("Copy code").click()
    expect(chat.text.get_by_role("button", name="Copied")).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()") == "print(1)\nprint(2)"
    chat.button("Copy answer").click()
    expect(chat.answer.locator(".message-bar").get_by_role("button", name="Copied")).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()").startswith("Here:\n\n```python")


@test
def a_phone_needs_no_sideways_scrolling(world):
    chat = world.chat(width=390, height=780, has_touch=True)
    wide = "| " + " | ".join(f"column {n}" for n in range(12)) + " |\n" + "|---" * 12 + "|\n| " + " | ".join("value" for _ in range(12)) + " |\n\n"
    code = "```\n" + "x" * 400 + "\n```\n\n"
    chat.finished_answer("word" * 120, wide + code + "Unbreakable" * 60 + "\n\n$$\n" + "a+b+" * 80 + "\n$$\n")
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert chat.page.locator(".feed").evaluate("feed => feed.scrollWidth <= feed.clientWidth"), "the conversation is wider than the screen"
    sidebar = chat.page.locator(".sidebar")
    expect(sidebar).not_to_be_in_viewport()
    chat.button("Show conversations").click()
    expect(sidebar).to_be_in_viewport()
    chat.page.locator("a.new-chat").click()
    expect(sidebar).not_to_be_in_viewport()
    expect(chat.page.locator(".empty")).to_be_visible()


@test
def colours_follow_the_system_until_they_are_chosen(world):
    background = "getComputedStyle(document.body).backgroundColor"
    light = world.chat(color_scheme="light")
    dark = world.chat(color_scheme="dark")
    white, black = light.page.evaluate(background), dark.page.evaluate(background)
    assert white != black, white
    light.button("Colours: as the system").click()
    light.button("Colours: light").click()
    assert light.page.evaluate(background) == black
    light.page.reload()
    assert light.page.evaluate(background) == black
    light.button("Colours: dark").click()
    assert light.page.evaluate(background) == white


@test
def everything_with_a_function_has_a_name(world):
    chat = world.chat()
    chat.finished_answer("Names", "Fine, with `code`.\n\n```\nx\n```")
    nameless = chat.page.evaluate(
        """() => [...document.querySelectorAll('button, a, input, textarea')]
          .filter((node) => node.checkVisibility() && !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.[0]?.textContent.trim()))
          .map((node) => node.outerHTML)"""
    )
    assert nameless == [], nameless
    live = chat.page.locator("[aria-live=polite]")
    expect(live).to_contain_text("Answer: Fine")
