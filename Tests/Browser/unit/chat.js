import { Chat, shown } from "/assets/chat.js";
import { check, equal } from "/unit-tests/assert.js";

const model = { provider: "local", id: "m1" };

/** A chat between a socket and an interface that the test plays. */
function world({ messages = [], leaf = null, kept = [] } = {}) {
  const listeners = [];
  const sent = [];
  const socket = {
    state: "ready",
    pending: new Set(),
    listen: (listener) => listeners.push(listener),
    send: (frame) => socket.state === "ready" && sent.push(frame) > 0,
    request: (frame) => { socket.pending.add(frame.requestId); sent.push(frame); },
    forget: (id) => socket.pending.delete(id),
  };
  const server = { messages, reads: 0, cancelled: [] };
  const api = {
    conversation: async (id) => ({ id, title: "Title", activeLeafId: leaf }),
    messages: async () => { server.reads += 1; return server.messages.map((message) => ({ ...message })); },
    cancel: async (id) => { server.cancelled.push(id); },
    showBranch: async () => {},
  };
  const unsent = { frames: kept, all: () => unsent.frames, add: (frame) => unsent.frames.push(frame), remove: (id) => { unsent.frames = unsent.frames.filter((frame) => frame.requestId !== id); } };
  let ids = 0;
  const chat = new Chat({ api, socket, unsent, makeId: () => `r${++ids}` });
  const events = [];
  chat.listen((event) => events.push(event.kind));
  const tell = (event) => { for (const listener of listeners) listener(event); };
  const frame = (value) => tell({ kind: "frame", frame: { conversationId: "c", ...value } });
  const ack = (requestId = "r1") => frame({ type: "ai_chat_ack", requestId, userMessageId: "u", messageId: "a", title: "T" });
  const chunk = (seq, text) => frame({ type: "ai_chat_chunk", messageId: "a", seq, chunk: text });
  const text = () => { const last = chat.path.at(-1); return shown(last, chat.runs.get(last.id)).content; };
  return { chat, socket, server, sent, unsent, events, tell, frame, ack, chunk, text };
}

async function until(condition) {
  for (let round = 0; round < 400; round += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${condition}`);
}

const stored = (more) => [
  { id: "u", conversationId: "c", parentId: null, role: "user", content: "Q", status: "complete" },
  { id: "a", conversationId: "c", parentId: "u", role: "assistant", content: "", status: "streaming", provider: "local", model: "m1", ...more },
];

export const tests = {
  async "a new chat gets its ids with the ack"() {
    const { chat, ack, chunk, sent, text, unsent } = world();
    await chat.open(null);
    chat.ask("Q", model);
    equal(sent.at(-1), { type: "ai_chat_request", requestId: "r1", conversationId: "new-chat", prompt: "Q", provider: "local", model: "m1" });
    equal(unsent.frames.length, 1);
    ack();
    chunk(1, "A");
    equal([chat.id, chat.path.map(({ id }) => id), text(), unsent.frames], ["c", ["u", "a"], "A", []]);
  },
  async "a gap is closed by a subscription"() {
    const { chat, ack, chunk, sent, frame, text } = world();
    await chat.open(null);
    chat.ask("Q", model);
    ack();
    chunk(1, "a");
    chunk(3, "c");
    equal(sent.at(-1), { type: "stream_subscribe", conversationId: "c", messageId: "a", afterSeq: 1 });
    const count = sent.length;
    chunk(4, "d");
    equal(sent.length, count);
    frame({ type: "stream:resumed", messageId: "a", resumedAt: 1, chunks: [] });
    chunk(2, "b");
    chunk(3, "c");
    chunk(4, "d");
    equal(text(), "abcd");
  },
  async "a loaded conversation follows its answer from the start without showing less"() {
    const { chat, sent, chunk, text } = world({ messages: stored({ content: "abc" }), leaf: "a" });
    await chat.open("c");
    equal(sent.at(-1), { type: "stream_subscribe", conversationId: "c", messageId: "a", afterSeq: 0 });
    equal(text(), "abc");
    chunk(1, "ab");
    equal(text(), "abc");
    chunk(2, "cd");
    equal(text(), "abcd");
  },
  async "after a reconnect every answer goes on from where it was"() {
    const { chat, ack, chunk, sent, tell } = world({ messages: stored() });
    await chat.open(null);
    chat.ask("Q", model);
    ack();
    chunk(1, "a");
    tell({ kind: "state", state: "waiting" });
    tell({ kind: "ready", session: {} });
    equal(sent.at(-1), { type: "stream_subscribe", conversationId: "c", messageId: "a", afterSeq: 1 });
  },
  async "an end that was missed is read from the server"() {
    const { chat, server, ack, chunk, tell, text } = world();
    await chat.open(null);
    chat.ask("Q", model);
    ack();
    chunk(1, "half");
    server.messages = stored({ content: "half and all", status: "complete" });
    tell({ kind: "ready", session: {} });
    await until(() => chat.active === null);
    equal(text(), "half and all");
  },
  async "what was asked in another tab appears"() {
    const { chat, server, frame, chunk, text } = world();
    await chat.open("c");
    server.messages = stored();
    frame({ type: "ai_chat_ack", requestId: "theirs", userMessageId: "u", messageId: "a" });
    chunk(1, "seen before the prompt was read");
    await until(() => chat.path.length === 2);
    equal(text(), "seen before the prompt was read");
  },
  async "a stop before the ack is sent with it"() {
    const { chat, ack, sent } = world();
    await chat.open(null);
    chat.ask("Q", model);
    equal(chat.stop(), null);
    equal(sent.filter(({ type }) => type === "ai_chat_cancel"), []);
    ack();
    equal(sent.at(-1), { type: "ai_chat_cancel", conversationId: "c", messageId: "a", seenSeq: 0 });
  },
  async "a stop says what was seen, and is said again after a reconnect"() {
    const { chat, ack, chunk, sent, tell, socket, server } = world({ messages: stored() });
    await chat.open(null);
    chat.ask("Q", model);
    ack();
    chunk(1, "a");
    chunk(2, "b");
    socket.state = "waiting";
    chat.stop();
    equal(server.cancelled, ["a"]);
    socket.state = "ready";
    tell({ kind: "ready", session: {} });
    equal(sent.filter(({ type }) => type === "ai_chat_cancel"), [{ type: "ai_chat_cancel", conversationId: "c", messageId: "a", seenSeq: 2 }]);
  },
  async "what could not be sent is given back"() {
    const { chat, socket, unsent } = world();
    await chat.open(null);
    socket.state = "waiting";
    chat.ask("Q", model);
    equal(chat.stop(), "Q");
    equal([chat.path, unsent.frames, socket.pending.size], [[], [], 0]);
  },
  async "a refusal is shown in the place of the answer and asked again with another id"() {
    const { chat, sent, frame } = world();
    await chat.open(null);
    chat.ask("Q", model);
    frame({ type: "error", code: "no_provider_key", message: "no key", requestId: "r1" });
    const answer = chat.path.at(-1);
    equal([answer.status, answer.error.code], ["failed", "no_provider_key"]);
    chat.regenerate(answer, model);
    equal([sent.at(-1).requestId, sent.at(-1).prompt, chat.path.length], ["r2", "Q", 2]);
  },
  async "a first prompt that is edited starts at the root"() {
    const { chat, sent } = world({ messages: stored({ status: "complete" }), leaf: "a" });
    await chat.open("c");
    chat.edit(chat.path[0], "Q2", model);
    equal(sent.at(-1).parentMessageId, "root");
    equal(chat.path.length, 2);
  },
  async "an answer is given anew beside the old one"() {
    const { chat, sent } = world({ messages: stored({ status: "complete" }), leaf: "a" });
    await chat.open("c");
    chat.regenerate(chat.path[1], model);
    equal([sent.at(-1).regenerate, sent.at(-1).parentMessageId], ["a", undefined]);
    equal(chat.tree.siblings(chat.path[1].id).length, 2);
  },
  async "a question kept from before a reload is asked under its own id, once"() {
    const frame = { type: "ai_chat_request", requestId: "old", conversationId: "c", prompt: "Q", provider: "local", model: "m1" };
    const { chat, sent, ack } = world({ messages: stored(), leaf: "a", kept: [frame] });
    await chat.open("c");
    equal(sent.filter(({ type }) => type === "ai_chat_request"), [frame]);
    ack("old");
    equal(chat.path.map(({ id }) => id), ["u", "a"]);
  },
  async "frames of another conversation change nothing"() {
    const { chat, frame, events } = world({ messages: stored({ status: "complete" }), leaf: "a" });
    await chat.open("c");
    const before = events.length;
    frame({ type: "ai_chat_chunk", conversationId: "d", messageId: "x", seq: 1, chunk: "no" });
    frame({ type: "ai_chat_chunk", messageId: "a", seq: 1, chunk: "late" });
    check(events.length === before && chat.runs.size === 0);
  },
};
