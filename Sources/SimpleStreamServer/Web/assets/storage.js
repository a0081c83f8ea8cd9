// What the page remembers in this browser. Everything works without it.

const prefix = "simple-stream.";

export const storage = {
  get(name) {
    try {
      return localStorage.getItem(prefix + name);
    } catch {
      return null;
    }
  },

  /** Keeps a text, or forgets it when it is empty. */
  set(name, value) {
    try {
      if (value) localStorage.setItem(prefix + name, value);
      else localStorage.removeItem(prefix + name);
    } catch {
      // Full or forbidden: then it is not remembered.
    }
  },
};
