import { Socket } from "/assets/socket.js";
import { check, equal } from "/unit-tests/assert.js";

/** A socket class, a clock and chance that the test moves by hand. */
function world() {
  const made = [];
  const timers = new Map();
  let nextTimer = 1;
  class FakeSocket {
    constructor(url) {
      this.url = url;
      this.readyState = 0;
      this.sent = [];
      made.push(this);
    }
    send(text) { this.sent.push(JSON.parse(text)); }
    close(code) { this.readyState = 3; this.closedWith = code; }
    open(ready = {}) {
      this.readyState = 1;
      this.receive({ type: "session:ready", userId: "u", heartbeatMs: 1000, ...ready });
    }
    receive(frame) { this.onmessage({ data: JSON.stringify(frame) }); }
    lose(code = 1006) {
      this.readyState = 3;
      this.onclose({ code });
    }
  }
  const socket = new Socket({
    url: "ws://here/ws",
    WebSocketClass: FakeSocket,
    setTimer: (run, ms) => { timers.set(nextTimer, { run, ms }); return nextTimer++; },
    clearTimer: (timer) => timers.delete(timer),
    random: () => 1,
  });
  const events = [];
  socket.listen((event) => events.push(event));
  /** Runs the timers that are due within `ms`, and says after how long. */
  const fire = (ms) => {
    for (const [id, timer] of [...timers]) {
      if (timer.ms > ms) continue;
      timers.delete(id);
      timer.run();
    }
  };
  const delays = () => [...timers.values()].map((timer) => timer.ms);
  return { socket, made, events, fire, delays, frames: () => events.filter((event) => event.kind === "frame").map((event) => event.frame) };
}

export const tests = {
  "a request waits for the connection and is forgotten with its ack"() {
    const { socket, made } = world();
    socket.start();
    socket.request({ type: "ai_chat_request", requestId: "r" });
    equal(made[0].sent, []);
    made[0].open();
    equal(made[0].sent.map((frame) => frame.requestId), ["r"]);
    made[0].receive({ type: "ai_chat_ack", requestId: "r", messageId: "m" });
    check(!socket.isPending("r"));
  },
  "a request without an ack is sent again"() {
    const { socket, made, fire } = world();
    socket.start();
    made[0].open();
    socket.request({ type: "ai_chat_request", requestId: "r" });
    made[0].lose();
    fire(500);
    equal(made.length, 2);
    made[1].open();
    equal(made[1].sent.map((frame) => frame.requestId), ["r"]);
    made[1].receive({ type: "ai_chat_ack", requestId: "r" });
    made[1].lose();
    fire(500);
    made[2].open();
    equal(made[2].sent, []);
  },
  "an error answers a request too"() {
    const { socket, made, frames } = world();
    socket.start();
    made[0].open();
    socket.request({ type: "ai_chat_request", requestId: "r" });
    made[0].receive({ type: "error", code: "no_provider_key", message: "no key", requestId: "r" });
    check(!socket.isPending("r"));
    equal(frames().length, 1);
  },
  "a draining server took nothing"() {
    const { socket, made, fire, delays, frames } = world();
    socket.start();
    made[0].open();
    made[0].receive({ type: "server:draining", reconnectAfterMs: 3000 });
    equal(socket.state, "draining");
    socket.request({ type: "ai_chat_request", requestId: "r" });
    made[0].receive({ type: "error", code: "draining", message: "x", requestId: "r" });
    check(socket.isPending("r"));
    equal(frames(), []);
    made[0].lose(1012);
    equal(delays(), [4000]);
    fire(4000);
    made[1].open();
    equal(made[1].sent.map((frame) => frame.requestId), ["r"]);
  },
  "delays grow and are bounded"() {
    const { socket, made, fire, delays } = world();
    socket.start();
    const seen = [];
    for (let round = 0; round < 9; round += 1) {
      made.at(-1).lose();
      seen.push(delays()[0]);
      fire(Infinity);
    }
    equal(seen, [400, 800, 1600, 3200, 6400, 12800, 15000, 15000, 15000]);
    made.at(-1).open();
    made.at(-1).lose();
    equal(delays(), [400]);
  },
  "a refused session is not tried again"() {
    for (const code of [4001, 4003]) {
      const { socket, made, delays } = world();
      socket.start();
      made[0].lose(code);
      equal([socket.state, delays().length], ["refused", 0]);
    }
  },
  "a silent connection is given up"() {
    const { socket, made, fire, delays } = world();
    socket.start();
    made[0].open();
    equal(delays(), [7000]);
    fire(7000);
    equal([socket.state, made[0].readyState], ["waiting", 3]);
    made[0].receive({ type: "ai_chat_chunk", seq: 1 });
    fire(500);
    equal(made.length, 2);
  },
  "the server's heartbeat is answered"() {
    const { socket, made } = world();
    socket.start();
    made[0].open();
    made[0].receive({ type: "ping", t: 5 });
    equal(made[0].sent, [{ type: "ping", t: 5 }]);
  },
  "a message that is too large is given back"() {
    const { socket, made, frames } = world();
    socket.start();
    made[0].open();
    socket.request({ type: "ai_chat_request", requestId: "small", prompt: "x" });
    socket.request({ type: "ai_chat_request", requestId: "big", prompt: "x".repeat(99) });
    made[0].lose(1009);
    equal(frames().map((frame) => [frame.code, frame.requestId]), [["payload_too_large", "big"]]);
    check(socket.isPending("small"));
  },
  "a message over the server's limit is not sent at all"() {
    const { socket, made, frames } = world();
    socket.start();
    socket.request({ type: "ai_chat_request", requestId: "big", prompt: "\u00e4".repeat(50) });
    made[0].open({ limits: { messageBytes: 120 } });
    socket.request({ type: "ai_chat_request", requestId: "bigger", prompt: "x".repeat(200) });
    socket.request({ type: "ai_chat_request", requestId: "small", prompt: "x" });
    equal(made[0].sent.map((frame) => frame.requestId), ["small"]);
    equal(frames().map((frame) => frame.requestId), ["big", "bigger"]);
  },
  "a page that was away probes the connection"() {
    const { socket, made, delays } = world();
    socket.start();
    made[0].open({ heartbeatMs: 100_000 });
    socket.probe();
    equal([made[0].sent.at(-1).type, delays()], ["ping", [8000]]);
    made[0].receive({ type: "pong", t: 0 });
    equal(delays(), [205_000]);
  },
  "nonsense is ignored"() {
    const { socket, made, frames } = world();
    socket.start();
    made[0].open();
    for (const data of ["", "{", "null", "[]", "7", '{"type":1}']) made[0].onmessage({ data });
    equal(frames(), []);
  },
};
