// The open conversation: its messages, the runs that are active in it, and what the user does with them.
//
// Talks to the server through `api` and `socket` only, and to the views through `listen`.

import { MessageTree } from "./message-tree.js";
import { RunState } from "./run-state.js";

export class Chat {
  #api;
  #socket;
  #unsent;
  #options;
  /** What an earlier life of this tab had asked without an answer. */
  #left;
  #listeners = new Set();
  #requests = new Map();
  #opened = 0;
  #reloading = false;
  #reloadTimer = null;

  /** `options(model)` gives further fields of a request to that model. */
  constructor({ api, socket, unsent, makeId, options }) {
    this.#api = api;
    this.#options = options ?? (() => ({}));
    this.#socket = socket;
    this.#unsent = unsent;
    this.#left = unsent.all();
    this.makeId = makeId ?? (() => randomId());
    this.#clear(null);
    socket.listen((event) => {
      if (event.kind === "frame") this.#received(event.frame);
      else if (event.kind === "ready") this.#reconnected();
      else if (event.state === "waiting") for (const run of this.runs.values()) run.connectionChanged();
    });
  }

  /**
   * Calls `listener(event)` for `{kind: "structure"}`, `{kind: "message", id}`, `{kind: "conversation"}` (id or title
   * changed), `{kind: "ended", message}`, `{kind: "loading"}` and `{kind: "failed", error}`.
   */
  listen(listener) {
    this.#listeners.add(listener);
  }

  get path() {
    return this.tree.path();
  }

  /** The answer that is being written at the end of the shown branch, if any. */
  get active() {
    const last = this.path.at(-1);
    return last?.role === "assistant" && last.status === "streaming" ? last : null;
  }

  // MARK: Opening

  /** Shows another conversation; null for a new one. */
  async open(id) {
    if (this.id) this.#socket.send({ type: "stream_unsubscribe", conversationId: this.id });
    this.#clear(id);
    this.#tell({ kind: "loading" });
    if (!id) {
      this.loading = false;
      this.#askAgain();
      this.#tell({ kind: "structure" });
      return;
    }
    const opened = this.#opened;
    try {
      const [conversation, messages] = await Promise.all([this.#api.conversation(id), this.#api.messages(id)]);
      if (opened !== this.#opened) return;
      this.loading = false;
      this.title = conversation.title;
      this.tree = new MessageTree(messages.map(normal), conversation.activeLeafId);
      this.tree.activeLeafId = this.tree.get(conversation.activeLeafId) ? this.tree.leafBelow(conversation.activeLeafId) : null;
      this.#subscribe();
      this.#askAgain();
      this.#tell({ kind: "conversation" });
      this.#tell({ kind: "structure" });
    } catch (error) {
      if (opened !== this.#opened) return;
      this.loading = false;
      this.#tell({ kind: "failed", error });
    }
  }

  #clear(id) {
    this.#opened += 1;
    clearTimeout(this.#reloadTimer);
    this.id = id;
    this.title = null;
    this.tree = new MessageTree();
    this.runs = new Map();
    this.loading = id !== null;
    // Requests of the conversation left behind are still sent; only nothing is shown for them.
    for (const request of this.#requests.values()) request.left = true;
  }

  // MARK: Asking

  /** Asks at the end of the shown branch; `attachments` are uploaded files. */
  ask(prompt, model, attachments = []) {
    const last = this.path.at(-1);
    this.#ask({ prompt, model, attachments, parentId: last?.id ?? null });
  }

  /** Asks something else in the place of a prompt: a new branch beside it. */
  edit(message, prompt, model, attachments = []) {
    this.#ask({ prompt, model, attachments, parentId: message.parentId ?? null, branch: true });
  }

  /** Asks for another answer to the same prompt. */
  regenerate(answer, model) {
    const prompt = this.tree.get(answer.parentId);
    if (!prompt) return;
    if (isLocal(answer.id) || isLocal(prompt.id)) {
      // It never reached the server: ask the same again.
      this.tree.remove(answer.id);
      this.tree.remove(prompt.id);
      this.#ask({ prompt: prompt.content, model, attachments: prompt.attachments, parentId: prompt.parentId ?? null, branch: true });
    } else {
      this.#ask({ prompt: prompt.content, model, regenerate: answer, parentId: prompt.id });
    }
  }

  #ask({ prompt, model, parentId, attachments = [], branch = false, regenerate = null }) {
    const frame = {
      ...this.#options(model), type: "ai_chat_request", requestId: this.makeId(), conversationId: this.id ?? "new-chat", prompt, provider: model.provider, model: model.id,
    };
    if (attachments.length > 0) frame.attachments = attachments.map((attachment) => attachment.id);
    if (regenerate) frame.regenerate = regenerate.id;
    else if (parentId && !isLocal(parentId)) frame.parentMessageId = parentId;
    else if (branch && this.id && !parentId) frame.parentMessageId = "root";
    this.#unsent.add(frame);
    this.#expect(frame, parentId, attachments);
    this.#socket.request(frame);
    this.#tell({ kind: "structure", asked: true });
  }

  /** Asks what the tab had asked before it was loaded again; the same ids make it the same runs. */
  #askAgain() {
    const frames = this.#left;
    this.#left = [];
    for (const frame of frames) {
      const here = frame.conversationId === (this.id ?? "new-chat");
      const parentId = frame.parentMessageId ?? (frame.regenerate ? this.tree.get(frame.regenerate)?.parentId : this.path.at(-1)?.id);
      const lost = frame.regenerate && !this.tree.get(frame.regenerate);
      if (here && !lost) this.#expect(frame, parentId === "root" ? null : parentId ?? null);
      this.#socket.request(frame);
    }
  }

  /** Shows the prompt and a place for its answer until the server has given them ids. */
  #expect(frame, parentId, attachments = []) {
    const { requestId, prompt } = frame;
    const now = new Date().toISOString();
    const request = { requestId, prompt, promptId: null, answerId: `local-answer-${requestId}`, left: false, stop: false };
    let answerParent = parentId;
    if (!frame.regenerate) {
      request.promptId = `local-prompt-${requestId}`;
      this.tree.put({ id: request.promptId, key: request.promptId, parentId, role: "user", content: prompt, attachments, status: "complete", createdAt: now });
      answerParent = request.promptId;
    }
    this.tree.put({
      id: request.answerId, key: request.answerId, parentId: answerParent, role: "assistant", content: "", status: "streaming",
      provider: frame.provider, model: frame.model, createdAt: now,
    });
    this.tree.activeLeafId = request.answerId;
    this.#requests.set(requestId, request);
  }

  // MARK: Stopping

  /** Stops the active answer. Gives the prompt back when it had not been sent at all. */
  stop() {
    const message = this.active;
    if (!message || message.stopping) return null;
    if (isLocal(message.id)) return this.#withdraw(message);
    message.stopping = true;
    this.#sendCancel(message.id);
    this.#tell({ kind: "message", id: message.id });
    return null;
  }

  #withdraw(message) {
    const request = [...this.#requests.values()].find((candidate) => candidate.answerId === message.id);
    if (!request) return null;
    if (this.#socket.state === "ready") {
      request.stop = true;
      message.stopping = true;
      this.#tell({ kind: "message", id: message.id });
      return null;
    }
    this.#socket.forget(request.requestId);
    this.#answered(request.requestId);
    this.tree.remove(request.answerId);
    if (request.promptId) this.tree.remove(request.promptId);
    this.#tell({ kind: "structure" });
    return request.promptId ? request.prompt : null;
  }

  #sendCancel(messageId) {
    const seenSeq = this.runs.get(messageId)?.last ?? 0;
    const sent = this.#socket.send({ type: "ai_chat_cancel", conversationId: this.id, messageId, seenSeq });
    // Without a socket the server may still be reachable; else it is asked again after the reconnect.
    if (!sent) this.#api.cancel(messageId).catch(() => {});
  }

  // MARK: Branches

  /** Shows the branch through another message with the same parent. */
  showSibling(id) {
    this.tree.activeLeafId = this.tree.leafBelow(id);
    this.#tell({ kind: "structure" });
    const leaf = this.tree.activeLeafId;
    if (this.id && !isLocal(leaf)) this.#api.showBranch(this.id, leaf).catch(() => {});
  }

  // MARK: Frames

  #received(frame) {
    if (frame.type === "ai_chat_ack") return this.#acknowledged(frame);
    const request = frame.requestId && this.#requests.get(frame.requestId);
    if (request && (frame.type === "error" || frame.type === "ai_chat_error")) return this.#refused(request, frame);
    if (frame.type === "error") return this.#complained(frame);
    if (frame.conversationId !== this.id || !this.id) return;
    if (typeof frame.title === "string") this.#retitle(frame.title);
    if (typeof frame.messageId === "string") this.#forRun(frame);
  }

  #acknowledged(frame) {
    const request = this.#requests.get(frame.requestId);
    this.#answered(frame.requestId);
    if (!request) {
      // Asked in another tab.
      if (frame.conversationId === this.id && !this.tree.get(frame.messageId)) this.#reloadSoon();
      return;
    }
    if (request.left) return;
    if (this.id !== frame.conversationId) {
      this.id = frame.conversationId;
      this.title = frame.title ?? null;
      this.#tell({ kind: "conversation", created: true });
    } else if (typeof frame.title === "string") {
      this.#retitle(frame.title);
    }
    if (this.tree.get(frame.messageId)) {
      // The server had it already, and its messages were read since.
      this.tree.remove(request.answerId);
      if (request.promptId) this.tree.remove(request.promptId);
      this.tree.activeLeafId = this.tree.leafBelow(frame.messageId);
    } else {
      if (request.promptId) this.tree.rename(request.promptId, frame.userMessageId);
      this.tree.rename(request.answerId, frame.messageId);
    }
    if (!this.runs.has(frame.messageId) && this.tree.get(frame.messageId).status === "streaming") {
      this.runs.set(frame.messageId, new RunState(frame.messageId, frame.conversationId));
    }
    if (request.stop) this.#sendCancel(frame.messageId);
    this.#tell({ kind: "structure" });
  }

  #answered(requestId) {
    this.#requests.delete(requestId);
    this.#unsent.remove(requestId);
  }

  #refused(request, frame) {
    this.#answered(request.requestId);
    if (request.left) return;
    const message = this.tree.get(request.answerId);
    if (!message) return;
    const { code, retryAfterMs } = frame;
    this.tree.put({ ...message, status: "failed", stopping: false, error: { code, message: frame.message, retryable: frame.retryable, retryAfterMs } });
    this.#tell({ kind: "structure" });
    this.#tell({ kind: "ended", message: this.tree.get(request.answerId) });
  }

  /** Something this page sent was refused; what it believed may be out of date. */
  #complained(frame) {
    this.#tell({ kind: "complaint", frame });
    if (this.active && !isLocal(this.active.id)) this.#reloadSoon(2000);
  }

  #forRun(frame) {
    const message = this.tree.get(frame.messageId);
    let run = this.runs.get(frame.messageId);
    if (!run) {
      if (message && message.status !== "streaming") return;
      run = new RunState(frame.messageId, this.id);
      this.runs.set(frame.messageId, run);
      if (!message) this.#reloadSoon();
    }
    switch (run.apply(frame)) {
      case "gap":
        this.#socket.send({ type: "stream_subscribe", conversationId: this.id, messageId: run.messageId, afterSeq: run.last });
        break;
      case "applied":
        if (frame.type === "stream:snapshot" && frame.status !== "streaming") this.#reloadSoon(1000);
        this.#tell({ kind: "message", id: run.messageId });
        break;
      case "finished":
        this.#finished(run);
        break;
    }
  }

  #finished(run) {
    const message = this.tree.get(run.messageId);
    if (!message) return;
    this.tree.put(folded(message, run));
    this.runs.delete(run.messageId);
    this.#tell({ kind: "structure" });
    this.#tell({ kind: "ended", message: this.tree.get(run.messageId) });
  }

  #retitle(title) {
    if (this.title === title) return;
    this.title = title;
    this.#tell({ kind: "conversation" });
  }

  // MARK: Connection

  #reconnected() {
    if (!this.id || this.loading) return;
    this.#subscribe();
    for (const run of this.runs.values()) {
      if (this.tree.get(run.messageId)?.stopping && !run.finished) this.#sendCancel(run.messageId);
    }
    this.#reloadSoon(0);
  }

  /** Follows every active run of the conversation from where this page is, and what comes later. */
  #subscribe() {
    for (const message of this.tree.all()) {
      if (message.status !== "streaming" || isLocal(message.id) || this.runs.has(message.id)) continue;
      this.runs.set(message.id, new RunState(message.id, this.id));
    }
    const unfinished = [...this.runs.values()].filter((run) => !run.finished);
    for (const run of unfinished) {
      run.connectionChanged();
      this.#socket.send({ type: "stream_subscribe", conversationId: this.id, messageId: run.messageId, afterSeq: run.last });
    }
    if (unfinished.length === 0) this.#socket.send({ type: "stream_subscribe", conversationId: this.id });
  }

  #reloadSoon(delay = 150) {
    clearTimeout(this.#reloadTimer);
    this.#reloadTimer = setTimeout(() => this.#reload(), delay);
  }

  /** Reads the messages again and takes what this page does not know better. */
  async #reload() {
    if (this.#reloading || !this.id) return;
    this.#reloading = true;
    const opened = this.#opened;
    try {
      const messages = await this.#api.messages(this.id);
      if (opened === this.#opened) this.#merge(messages.map(normal));
    } catch (error) {
      // Only what is gone for good ends the view; else the next reconnect tries again.
      if (opened === this.#opened && error.code === "not_found") this.#gone(error);
    } finally {
      this.#reloading = false;
    }
  }

  #gone(error) {
    this.tree = new MessageTree();
    this.runs.clear();
    this.#tell({ kind: "failed", error });
  }

  #merge(messages) {
    const leaf = this.tree.activeLeafId;
    const ended = [];
    for (const message of messages) {
      const known = this.tree.get(message.id);
      const run = this.runs.get(message.id);
      if (message.status === "streaming" && known && known.status !== "streaming") continue;
      if (message.status !== "streaming") {
        if (run) this.runs.delete(message.id);
        if (known?.status === "streaming") ended.push(message.id);
      } else if (run?.finished) {
        this.tree.put(folded({ ...message, key: known?.key }, run));
        this.runs.delete(message.id);
        continue;
      }
      this.tree.put({ ...known, ...message });
    }
    // Follow the branch when it grew elsewhere.
    if (leaf && this.tree.get(leaf)) this.tree.activeLeafId = this.tree.leafBelow(leaf);
    this.#tell({ kind: "structure" });
    for (const id of ended) this.#tell({ kind: "ended", message: this.tree.get(id) });
  }

  #tell(event) {
    for (const listener of this.#listeners) listener(event);
  }
}

/** A message that only this page knows yet. */
export function isLocal(id) {
  return typeof id === "string" && id.startsWith("local-");
}

/** A message as it is to be shown, with what its run brought so far. */
export function shown(message, run) {
  if (!run) return message;
  const live = folded(message, run);
  // A run that is being read again from its start has less than what was shown already.
  if (!run.finished && run.text.length < (message.content ?? "").length) live.content = message.content;
  if (!run.finished && run.thinkingText.length < (message.thinkingText ?? "").length) live.thinkingText = message.thinkingText;
  return { ...live, isThinking: run.isThinking };
}

function folded(message, run) {
  return {
    ...message,
    content: run.text,
    thinkingText: run.thinkingText || undefined,
    thinkingDuration: run.thinkingDuration,
    tools: run.tools,
    citations: run.citations,
    images: run.images,
    status: run.status,
    stopReason: run.stopReason,
    error: run.error,
    usageDetail: run.usageDetail,
    usage: run.usage ?? message.usage,
    costMicroUSD: run.costMicroUSD ?? message.costMicroUSD,
    provider: run.provider ?? message.provider,
    model: run.model ?? message.model,
    stopping: message.stopping && !run.finished,
  };
}

/** A message of the REST interface in the shape the page works with. */
function normal(message) {
  const value = { ...message };
  if (value.usage && typeof value.usage === "object") value.usageDetail = value.usage;
  if (Array.isArray(value.toolCalls) && !value.tools) {
    value.tools = value.toolCalls.map((call) => ({ id: call.id, name: call.name, phase: "finished", input: call.arguments ?? "", output: "" }));
  }
  return value;
}

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
