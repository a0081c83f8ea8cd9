import { RunState } from "/assets/run-state.js";
import { equal } from "/unit-tests/assert.js";

const chunk = (seq, text, more = {}) => ({ type: "ai_chat_chunk", seq, chunk: text, ...more });

export const tests = {
  "frames in order are applied"() {
    const run = new RunState("m", "c");
    equal(run.apply(chunk(1, "a")), "applied");
    equal(run.apply(chunk(2, "b")), "applied");
    equal([run.text, run.last], ["ab", 2]);
  },
  "a frame seen before is ignored"() {
    const run = new RunState("m", "c");
    run.apply(chunk(1, "a"));
    run.apply(chunk(2, "b"));
    equal(run.apply(chunk(2, "b")), "ignored");
    equal(run.apply(chunk(1, "a")), "ignored");
    equal(run.text, "ab");
  },
  "a gap is asked for once"() {
    const run = new RunState("m", "c");
    run.apply(chunk(1, "a"));
    equal(run.apply(chunk(3, "c")), "gap");
    equal(run.apply(chunk(4, "d")), "ignored");
    equal(run.last, 1);
    run.apply({ type: "stream:resumed", resumedAt: 1, chunks: [] });
    for (const [seq, text] of [[2, "b"], [3, "c"], [4, "d"]]) equal(run.apply(chunk(seq, text)), "applied");
    equal(run.text, "abcd");
  },
  "a gap is asked for again after a reconnect"() {
    const run = new RunState("m", "c");
    equal(run.apply(chunk(2, "b")), "gap");
    run.connectionChanged();
    equal(run.apply(chunk(3, "c")), "gap");
  },
  "coalesced frames count as all they hold"() {
    const run = new RunState("m", "c");
    run.apply(chunk(1, "a"));
    equal(run.apply(chunk(5, "bcde", { fromSeq: 2 })), "applied");
    equal([run.text, run.last], ["abcde", 5]);
    equal(run.apply(chunk(7, "fg", { fromSeq: 5 })), "gap");
    equal(run.text, "abcde");
  },
  "a snapshot replaces everything"() {
    const run = new RunState("m", "c");
    run.apply(chunk(1, "a"));
    run.apply(chunk(9, "z"));
    equal(run.apply({ type: "stream:snapshot", seq: 7, text: "abcdefg", thinkingText: "hm", status: "streaming" }), "applied");
    equal([run.text, run.thinkingText, run.last], ["abcdefg", "hm", 7]);
    equal(run.apply(chunk(8, "h")), "applied");
    equal(run.text, "abcdefgh");
  },
  "a snapshot of an ended run is followed by its end"() {
    const run = new RunState("m", "c");
    equal(run.apply({ type: "stream:snapshot", seq: 3, text: "abc", status: "interrupted" }), "applied");
    equal(run.apply({ type: "ai_chat_error", seq: 4, code: "interrupted", message: "cut", done: true }), "finished");
    equal([run.status, run.text], ["interrupted", "abc"]);
  },
  "the last frame is applied whatever its number"() {
    const run = new RunState("m", "c");
    run.apply(chunk(1, "a"));
    equal(run.apply({ type: "ai_chat_response", seq: 40, chunk: "all of it", stopReason: "stop", done: true }), "finished");
    equal([run.text, run.status], ["all of it", "complete"]);
    equal(run.apply(chunk(2, "b")), "ignored");
    equal(run.apply({ type: "ai_chat_error", code: "internal", message: "x", done: true }), "ignored");
    equal(run.status, "complete");
  },
  "an error keeps the text"() {
    const run = new RunState("m", "c");
    run.apply(chunk(1, "a"));
    equal(run.apply({ type: "ai_chat_error", code: "interrupted", message: "cut", retryable: true, done: true }), "finished");
    equal([run.text, run.status, run.error.retryable], ["a", "interrupted", true]);
  },
  "a stop is told from an end"() {
    const run = new RunState("m", "c");
    run.apply({ type: "ai_chat_response", seq: 1, chunk: "", stopReason: "cancelled", done: true });
    equal(run.status, "cancelled");
  },
  "thinking ends with the first word"() {
    const run = new RunState("m", "c");
    run.apply({ type: "ai_chat_chunk", seq: 1, thinkingText: "hm ", isThinking: true });
    equal([run.isThinking, run.thinkingText], [true, "hm "]);
    run.apply({ type: "ai_chat_chunk", seq: 2, thinkingText: "so", isThinking: true, thinkingDuration: 900 });
    run.apply(chunk(3, "Yes"));
    equal([run.isThinking, run.thinkingText, run.thinkingDuration, run.text], [false, "hm so", 900, "Yes"]);
  },
  "a tool call is put together"() {
    const run = new RunState("m", "c");
    const tool = (seq, value) => run.apply({ type: "ai_chat_tool", seq, tool: { id: "t", ...value } });
    tool(1, { name: "search", phase: "started" });
    tool(2, { phase: "delta", input: '{"q":' });
    tool(3, { phase: "delta", input: '"x"}' });
    tool(4, { phase: "finished", output: { hits: 1 } });
    equal(run.tools, [{ id: "t", name: "search", phase: "finished", input: '{"q":"x"}', output: '{\n  "hits": 1\n}' }]);
  },
  "frames of no known shape change nothing"() {
    const run = new RunState("m", "c");
    for (const frame of [{ type: "ai_chat_chunk" }, { type: "ai_chat_chunk", seq: "1", chunk: "x" }, { type: "later", seq: 0 }, { type: "ai_chat_tool", seq: 1 }]) {
      run.apply(frame);
    }
    equal(run.text, "");
  },
};
