// The messages of one conversation: a tree by `parentId`, of which one branch is shown.

export class MessageTree {
  #byId = new Map();
  #children = new Map();

  constructor(messages = [], activeLeafId = null) {
    this.activeLeafId = activeLeafId;
    for (const message of messages) this.put(message);
  }

  get size() {
    return this.#byId.size;
  }

  get(id) {
    return this.#byId.get(id);
  }

  /** Adds a message or replaces the one with its id. */
  put(message) {
    const known = this.#byId.get(message.id);
    this.#byId.set(message.id, message);
    if (known) {
      if ((known.parentId ?? null) === (message.parentId ?? null)) return;
      this.#detach(known);
    }
    const key = message.parentId ?? null;
    const siblings = this.#children.get(key) ?? [];
    siblings.push(message.id);
    this.#children.set(key, siblings);
  }

  remove(id) {
    const message = this.#byId.get(id);
    if (!message) return;
    this.#detach(message);
    this.#byId.delete(id);
    this.#children.delete(id);
    if (this.activeLeafId === id) this.activeLeafId = message.parentId ?? null;
  }

  /** Gives a message its lasting id; its children follow. */
  rename(from, to, parentId) {
    const message = this.#byId.get(from);
    if (!message) return;
    const children = this.#children.get(from);
    const wasLeaf = this.activeLeafId === from;
    this.remove(from);
    this.put({ ...message, id: to, parentId: parentId === undefined ? message.parentId : parentId });
    if (children) {
      this.#children.set(to, children);
      for (const child of children) this.#byId.get(child).parentId = to;
    }
    if (wasLeaf) this.activeLeafId = to;
  }

  /** The messages with the same parent, this one included, oldest first. */
  siblings(id) {
    const message = this.#byId.get(id);
    if (!message) return [];
    return this.#children.get(message.parentId ?? null) ?? [];
  }

  /** The newest leaf below a message. */
  leafBelow(id) {
    let at = id;
    const seen = new Set();
    for (;;) {
      const children = this.#children.get(at);
      if (!children || children.length === 0 || seen.has(at)) return at;
      seen.add(at);
      at = children.at(-1);
    }
  }

  /** The shown branch, root first. */
  path() {
    let at = this.activeLeafId && this.#byId.has(this.activeLeafId) ? this.activeLeafId : this.leafBelow(null);
    const path = [];
    const seen = new Set();
    while (at && !seen.has(at)) {
      seen.add(at);
      const message = this.#byId.get(at);
      if (!message) break;
      path.push(message);
      at = message.parentId ?? null;
    }
    return path.reverse();
  }

  /** Every message, in no particular order. */
  all() {
    return [...this.#byId.values()];
  }

  #detach(message) {
    const siblings = this.#children.get(message.parentId ?? null);
    const at = siblings ? siblings.indexOf(message.id) : -1;
    if (at >= 0) siblings.splice(at, 1);
  }
}
