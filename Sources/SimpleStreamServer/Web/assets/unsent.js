// Requests the server has not acknowledged yet, kept for the case that the tab is loaded again meanwhile.

const name = "simple-stream.unsent";

/** Kept for this tab only. Sending one twice is harmless: its `requestId` makes it the same run. */
export class UnsentRequests {
  all() {
    try {
      const frames = JSON.parse(sessionStorage.getItem(name) ?? "[]");
      return Array.isArray(frames) ? frames.filter((frame) => typeof frame?.requestId === "string") : [];
    } catch {
      return [];
    }
  }

  add(frame) {
    this.#write([...this.all(), frame]);
  }

  remove(requestId) {
    const frames = this.all();
    const left = frames.filter((frame) => frame.requestId !== requestId);
    if (left.length !== frames.length) this.#write(left);
  }

  #write(frames) {
    try {
      sessionStorage.setItem(name, JSON.stringify(frames));
    } catch {
      // Full or forbidden: then a reload before the ack forgets the request.
    }
  }
}
