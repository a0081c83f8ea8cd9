// What the page knows of one answer, built from the frames of its run.
//
// Frames carry a sequence number that starts at 1 and has no gaps. A frame is applied when it is the next one,
// ignored when it was seen before, and otherwise the run has to be asked for again after `last`.

const terminalTypes = new Set(["ai_chat_response", "ai_chat_error"]);

/** Whether a frame ends its run. */
export function isTerminal(frame) {
  return terminalTypes.has(frame.type);
}

export class RunState {
  constructor(messageId, conversationId) {
    this.messageId = messageId;
    this.conversationId = conversationId;
    this.last = 0;
    this.text = "";
    this.thinkingText = "";
    this.thinkingDuration = undefined;
    this.isThinking = false;
    this.tools = [];
    this.citations = [];
    this.images = [];
    this.status = "streaming";
    this.stopReason = undefined;
    this.usageDetail = undefined;
    this.usage = undefined;
    this.costMicroUSD = undefined;
    this.error = undefined;
    this.provider = undefined;
    this.model = undefined;
    this.recovering = false;
  }

  get finished() {
    return this.status !== "streaming";
  }

  /**
   * Takes one frame and says what came of it:
   * `applied`, `ignored`, `finished` (the terminal frame), or `gap` (subscribe again after `last`).
   * While a gap is being closed further out-of-order frames are `ignored`, so that it is asked for once.
   */
  apply(frame) {
    if (frame.provider) this.provider = frame.provider;
    if (frame.model) this.model = frame.model;
    if (isTerminal(frame)) return this.#finish(frame);
    if (this.finished) return "ignored";
    if (frame.type === "stream:snapshot") return this.#replace(frame);
    if (frame.type === "stream:resumed") {
      this.recovering = false;
      return "ignored";
    }
    if (!Number.isInteger(frame.seq)) return "ignored";
    if (frame.seq <= this.last) return "ignored";
    const first = Number.isInteger(frame.fromSeq) ? frame.fromSeq : frame.seq;
    if (first !== this.last + 1) {
      if (this.recovering) return "ignored";
      this.recovering = true;
      return "gap";
    }
    this.last = frame.seq;
    this.recovering = false;
    this.#add(frame);
    return "applied";
  }

  /** A connection was lost or made: what was asked for before will not be answered. */
  connectionChanged() {
    this.recovering = false;
  }

  #add(frame) {
    switch (frame.type) {
      case "ai_chat_chunk":
        if (typeof frame.thinkingText === "string") {
          this.thinkingText += frame.thinkingText;
          this.isThinking = frame.isThinking !== false;
        }
        if (typeof frame.chunk === "string" && frame.chunk !== "") {
          this.text += frame.chunk;
          this.isThinking = false;
        }
        if (Number.isFinite(frame.thinkingDuration)) this.thinkingDuration = frame.thinkingDuration;
        break;
      case "ai_chat_tool":
        this.#addTool(frame.tool);
        break;
      case "ai_chat_citation":
        if (Array.isArray(frame.citations)) this.citations = this.citations.concat(frame.citations);
        break;
      case "ai_chat_inline_data":
        if (typeof frame.data === "string") this.images = [...this.images, { data: frame.data, mime: frame.mime }];
        break;
    }
  }

  #addTool(change) {
    if (!change || typeof change.id !== "string") return;
    const at = this.tools.findIndex((tool) => tool.id === change.id);
    if (at < 0) {
      const input = asText(change.input);
      this.tools = [...this.tools, { id: change.id, name: change.name, phase: change.phase, input, output: asText(change.output) }];
      return;
    }
    const tool = { ...this.tools[at], phase: change.phase };
    if (change.name) tool.name = change.name;
    // A delta brings more of the input; any other phase brings all of it.
    if (change.input !== undefined) tool.input = change.phase === "delta" ? tool.input + asText(change.input) : asText(change.input);
    if (change.output !== undefined) tool.output = asText(change.output);
    this.tools = this.tools.with(at, tool);
  }

  #replace(frame) {
    this.text = frame.text ?? "";
    this.thinkingText = frame.thinkingText ?? "";
    this.last = Number.isInteger(frame.seq) ? frame.seq : this.last;
    this.recovering = false;
    this.isThinking = this.text === "" && this.thinkingText !== "";
    // A run that has ended says so in its terminal frame, which follows.
    return "applied";
  }

  #finish(frame) {
    if (this.finished) return "ignored";
    if (Number.isInteger(frame.seq)) this.last = Math.max(this.last, frame.seq);
    this.isThinking = false;
    this.recovering = false;
    if (Number.isFinite(frame.thinkingDuration)) this.thinkingDuration = frame.thinkingDuration;
    if (frame.type === "ai_chat_error") {
      this.error = {
        code: frame.code,
        message: frame.message,
        retryable: frame.retryable === true,
        retryAfterMs: frame.retryAfterMs,
      };
      this.status = frame.code === "interrupted" ? "interrupted" : "failed";
      return "finished";
    }
    if (typeof frame.chunk === "string") this.text = frame.chunk;
    if (typeof frame.thinkingText === "string") this.thinkingText = frame.thinkingText;
    this.stopReason = frame.stopReason;
    this.usage = frame.usage;
    this.usageDetail = frame.usageDetail;
    this.costMicroUSD = frame.costMicroUSD;
    this.status = frame.stopReason === "cancelled" ? "cancelled" : "complete";
    return "finished";
  }
}

function asText(value) {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
