// The REST calls the page makes.

/** A refusal by the server, with its code, or `network` when it was not reached. */
export class ApiError extends Error {
  constructor(code, message, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError("network", "The server cannot be reached.", 0);
  }
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

  cancel(messageId) {
    return call("POST", `/api/runs/${encodeURIComponent(messageId)}/cancel`, {});
  },
};
