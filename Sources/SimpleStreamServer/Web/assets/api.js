// The REST calls the page makes.

/** A refusal by the server, with its code, or `network` when it was not reached. */
export class ApiError extends Error {
  constructor(code, message, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export async function call(method, path, body, { keepalive = false } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      keepalive,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError("network", "The server cannot be reached.", 0);
  }
  return answerOf(response);
}

async function answerOf(response) {
  const text = await response.text();
  let value = null;
  try {
    value = text === "" ? null : JSON.parse(text);
  } catch {
    value = null;
  }
  if (response.ok) return value;
  const error = value?.error ?? {};
  throw new ApiError(error.code ?? "internal", error.message ?? `The server answered ${response.status}.`, response.status);
}

function query(values) {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(pairs).toString();
  return text === "" ? "" : `?${text}`;
}

const keyOf = (provider) => `/api/keys/${encodeURIComponent(provider)}`;

/** Where a file is shown from. */
export const attachmentAddress = (id) => `/api/attachments/${encodeURIComponent(id)}`;

const conversation = (id) => `/api/conversations/${encodeURIComponent(id)}`;

export const api = {
  async models() {
    const answer = await call("GET", "/api/models");
    const list = Array.isArray(answer) ? answer : answer?.items ?? answer?.models ?? [];
    return list.filter((model) => typeof model?.id === "string" && typeof model?.provider === "string");
  },

  conversations({ q, cursor, limit = 40 } = {}) {
    return call("GET", `/api/conversations${query({ q, cursor, limit })}`);
  },

  conversation(id) {
    return call("GET", conversation(id));
  },

  /** All messages of a conversation, page after page. */
  async messages(id) {
    const items = [];
    let cursor;
    do {
      const page = await call("GET", `${conversation(id)}/messages${query({ limit: 200, cursor })}`);
      items.push(...(page?.items ?? []));
      cursor = page?.nextCursor;
    } while (cursor);
    return items;
  },

  rename(id, title) {
    return call("PATCH", conversation(id), { title });
  },

  showBranch(id, activeLeafId) {
    return call("PATCH", conversation(id), { activeLeafId });
  },

  remove(id) {
    return call("DELETE", conversation(id));
  },

  /** The providers by name, and whose key each is asked with. */
  providers() {
    return call("GET", "/api/providers").then((answer) => answer?.items ?? []);
  },

  keys() {
    return call("GET", "/api/keys").then((answer) => answer?.items ?? []);
  },

  /** Checks a key with its provider and saves it. */
  saveKey(provider, { key, label, baseURL }) {
    return call("PUT", keyOf(provider), { key, label: label || undefined, baseURL: baseURL || undefined });
  },

  checkKey(provider) {
    return call("POST", `${keyOf(provider)}/validate`, {});
  },

  removeKey(provider) {
    return call("DELETE", keyOf(provider));
  },

  settings() {
    return call("GET", "/api/settings");
  },

  /** Arrives also when the page is left right after a change. */
  changeSettings(changes) {
    return call("PATCH", "/api/settings", changes, { keepalive: true });
  },

  /** Uploads a file as it is; `signal` gives it up. */
  async upload(file, name, signal) {
    let response;
    try {
      response = await fetch(`/api/attachments${query({ name })}`, {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": file.type || "application/octet-stream" }, body: file, signal,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError("network", "The server cannot be reached.", 0);
    }
    return answerOf(response);
  },

  /** The same file once more, for another message. */
  async copyAttachment({ id, name, mime }) {
    const response = await fetch(attachmentAddress(id), { credentials: "same-origin" });
    if (!response.ok) return answerOf(response);
    return this.upload(new Blob([await response.arrayBuffer()], { type: mime }), name);
  },

  removeAttachment(id) {
    return call("DELETE", attachmentAddress(id));
  },

  profile() {
    return call("GET", "/api/profile");
  },

  saveProfile(changes) {
    return call("PATCH", "/api/profile", changes);
  },

  cancel(messageId) {
    return call("POST", `/api/runs/${encodeURIComponent(messageId)}/cancel`, {});
  },
};
