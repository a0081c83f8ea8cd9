// The connection to the server: opens it again when it is lost, and keeps requests until they are acknowledged.
//
// Nothing here touches the page, so clock, chance and the socket class can be given by a test.

const firstDelay = 400;
const longestDelay = 15_000;
const probeTime = 8000;

/** Close codes after which trying again with the same credential is pointless. */
const refusals = new Map([
  [4001, "unauthenticated"],
  [4003, "unauthenticated"],
]);

export class Socket {
  #listeners = new Set();
  #socket = null;
  #attempts = 0;
  #timer = null;
  #watchdog = null;
  #drainDelay = null;
  #pending = new Map();
  #heartbeatMs = 25_000;
  #stopped = true;

  constructor({ url, WebSocketClass, setTimer, clearTimer, random }) {
    this.url = url;
    this.WebSocketClass = WebSocketClass ?? globalThis.WebSocket;
    this.setTimer = setTimer ?? ((run, ms) => setTimeout(run, ms));
    this.clearTimer = clearTimer ?? ((timer) => clearTimeout(timer));
    this.random = random ?? Math.random;
    /** `connecting`, `ready`, `waiting` (for the next try), `draining` or `refused`. */
    this.state = "waiting";
    this.limits = {};
  }

  /** Calls `listener(event)` for `{kind: "state", state}`, `{kind: "ready"}` and `{kind: "frame", frame}`. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start() {
    this.#stopped = false;
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    this.clearTimer(this.#timer);
    this.clearTimer(this.#watchdog);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  /** The network came back or the page is looked at again: do not wait for the timer. */
  hurry() {
    if (this.#stopped || this.state !== "waiting") return;
    this.clearTimer(this.#timer);
    this.#connect();
  }

  /** The page was away, perhaps asleep: find out soon whether the connection still lives. */
  probe() {
    if (this.send({ type: "ping", t: 0 })) this.#watch(probeTime);
  }

  /** Sends a frame now; false when there is no connection. */
  send(frame) {
    if (this.#socket?.readyState !== 1 || (this.state !== "ready" && this.state !== "draining")) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Sends a frame that starts a run, and again after every reconnect until it was answered. */
  request(frame) {
    this.#pending.set(frame.requestId, frame);
    if (this.#isTooLarge(frame)) this.#giveBack(frame);
    else this.send(frame);
  }

  /** Forgets a request; true when it had not been answered. */
  forget(requestId) {
    return this.#pending.delete(requestId);
  }

  isPending(requestId) {
    return this.#pending.has(requestId);
  }

  #connect() {
    this.#become("connecting");
    let socket;
    try {
      socket = new this.WebSocketClass(this.url);
    } catch {
      this.#retry();
      return;
    }
    this.#socket = socket;
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#received(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    };
    this.#watch();
  }

  #received(data) {
    this.#watch();
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (!frame || typeof frame.type !== "string") return;
    switch (frame.type) {
      case "session:ready":
        this.#ready(frame);
        return;
      case "ping":
        this.send({ type: "ping", t: frame.t });
        return;
      case "pong":
        return;
      case "server:draining":
        this.#drainDelay = Number.isFinite(frame.reconnectAfterMs) ? frame.reconnectAfterMs : 1000;
        this.#become("draining");
        return;
      case "ai_chat_ack":
        this.#pending.delete(frame.requestId);
        break;
      case "error":
      case "ai_chat_error":
        // A server that is going away took nothing: the next one will be asked.
        if (frame.code === "draining" && this.#pending.has(frame.requestId)) return;
        this.#pending.delete(frame.requestId);
        break;
    }
    this.#tell({ kind: "frame", frame });
  }

  #ready(frame) {
    this.#attempts = 0;
    this.#drainDelay = null;
    this.limits = frame.limits ?? {};
    if (Number.isFinite(frame.heartbeatMs) && frame.heartbeatMs > 0) this.#heartbeatMs = frame.heartbeatMs;
    this.#watch();
    this.#become("ready");
    for (const request of [...this.#pending.values()]) {
      if (this.#isTooLarge(request)) this.#giveBack(request);
      else this.send(request);
    }
    this.#tell({ kind: "ready", session: frame });
  }

  #closed(code) {
    this.#socket = null;
    this.clearTimer(this.#watchdog);
    if (this.#stopped) return;
    if (refusals.has(code)) {
      this.#become("refused");
      return;
    }
    if (code === 1009) this.#dropLargest();
    // Too many connections: others have to close first, so there is no hurry.
    if (code === 4008) this.#attempts = Math.max(this.#attempts, 6);
    this.#retry();
  }

  /** The server read no frame this large, and never will. */
  #dropLargest() {
    let largest = null;
    for (const request of this.#pending.values()) {
      if (!largest || JSON.stringify(request).length > JSON.stringify(largest).length) largest = request;
    }
    if (largest) this.#giveBack(largest);
  }

  /** Whether the server has said that it reads no frame of this size. */
  #isTooLarge(frame) {
    const limit = this.limits.messageBytes;
    return Number.isFinite(limit) && new TextEncoder().encode(JSON.stringify(frame)).length > limit;
  }

  #giveBack({ requestId }) {
    this.#pending.delete(requestId);
    const message = "The message is larger than the server accepts. Shorten it and ask again.";
    this.#tell({ kind: "frame", frame: { type: "error", code: "payload_too_large", message, requestId } });
  }

  #retry() {
    const ceiling = Math.min(longestDelay, firstDelay * 2 ** this.#attempts);
    this.#attempts += 1;
    const delay = this.#drainDelay === null
      ? ceiling / 2 + this.random() * (ceiling / 2)
      : this.#drainDelay + this.random() * 1000;
    this.#drainDelay = null;
    this.#become("waiting");
    this.#timer = this.setTimer(() => this.#connect(), delay);
  }

  /** A connection on which nothing came for two heartbeats is dead, whatever TCP believes. */
  #watch(time = this.#heartbeatMs * 2 + 5000) {
    this.clearTimer(this.#watchdog);
    this.#watchdog = this.setTimer(() => {
      const socket = this.#socket;
      this.#socket = null;
      socket?.close();
      if (!this.#stopped) this.#retry();
    }, time);
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.#tell({ kind: "state", state });
  }

  #tell(event) {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
