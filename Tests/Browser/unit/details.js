import { citationList, pictures, ToolsView, usageLine } from "/assets/views/details.js";
import { age, cost } from "/assets/format.js";
import { equal } from "/unit-tests/assert.js";

export const tests = {
  "tools show what went in and came out, as text"() {
    const view = new ToolsView();
    view.update([{ id: "t", name: "<b>search</b>", phase: "started", input: "", output: "" }]);
    equal([view.element.querySelector("summary code").textContent, view.element.querySelector("small").textContent], ["<b>search</b>", "running"]);
    view.update([{ id: "t", name: "search", phase: "finished", input: "{}", output: "<img src=x>" }]);
    equal([...view.element.querySelectorAll("pre")].map((node) => node.textContent), ["{}", "<img src=x>"]);
    equal([view.element.children.length, view.element.querySelectorAll("img").length], [1, 0]);
  },
  "sources are links, once each, if they may be"() {
    const list = citationList([
      { url: "https://a.b/c", title: "A" }, { url: "https://a.b/c", title: "again" }, { url: "javascript:alert(1)", title: "bad" }, { url: "https://d.e" },
    ]);
    equal([...list.querySelectorAll("a")].map((link) => link.href), ["https://a.b/c", "https://d.e/"]);
    equal(citationList([{ url: "data:text/html,x", title: "x" }]), null);
  },
  "pictures are only those that came with the answer"() {
    equal(pictures([{ data: "https://attacker.invalid/x.png" }, { data: "data:image/svg+xml;base64,AA==" }]), null);
    equal(pictures([{ data: "data:image/png;base64,AAAA" }]).querySelectorAll("img").length, 1);
  },
  "usage and cost are said only when they are known"() {
    equal(usageLine({}), null);
    equal(usageLine({ usageDetail: { inputTokens: 1200, outputTokens: 7, reasoningTokens: 0, estimated: true }, costMicroUSD: 31 }).textContent, `about ${(1200).toLocaleString()} in \u00b7 7 out \u00b7 $0.000031`);
    equal([cost(0), cost(3120), cost(45_000), cost(1_234_567)], ["$0", "$0.0031", "$0.045", "$1.23"]);
  },
  "conversations are listed by their age"() {
    const now = new Date(2026, 4, 20, 12);
    const ago = (days) => age(new Date(2026, 4, 20 - days, 23).toISOString(), now);
    equal([ago(0), ago(1), ago(3), ago(20)], ["Today", "Yesterday", "Last 7 days", "Last 30 days"]);
  },
};
