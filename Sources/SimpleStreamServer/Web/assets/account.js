// Who uses the page: the session, how to sign in, tokens, devices and the account itself.

import { ApiError, call } from "./api.js";

/** `{signedIn, user, local, methods, guests}`; `signedIn` is null when the server could not be asked. */
export async function readSession() {
  try {
    const session = await call("GET", "/api/auth/session");
    return { signedIn: true, user: session.user, local: session.authMode === "local" };
  } catch (error) {
    if (error instanceof ApiError && error.code === "unauthenticated") return { signedIn: false, user: null, local: false };
    return { signedIn: null, user: null, local: false };
  }
}

export const account = {
  methods: () => call("GET", "/api/auth/methods"),
  beGuest: () => call("POST", "/api/auth/anonymous", {}),
  signOut: () => call("POST", "/api/auth/sign-out", {}),
  tokens: () => call("GET", "/api/tokens"),
  makeToken: (token) => call("POST", "/api/tokens", token),
  revokeToken: (id) => call("DELETE", `/api/tokens/${encodeURIComponent(id)}`),
  /** What happened, newest first, 50 at a time: `{items, nextCursor}`. */
  audit: (cursor) => call("GET", `/api/audit?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`),
  remove: () => call("DELETE", "/api/account"),
  waitingDevice: (userCode) => call("POST", "/api/auth/device/lookup", { userCode }),
  decideDevice: (userCode, approve) => call("POST", "/api/auth/device/decide", { userCode, approve }),
  share: (id) => call("POST", `/api/conversations/${encodeURIComponent(id)}/share`, {}),
  unshare: (id) => call("DELETE", `/api/conversations/${encodeURIComponent(id)}/share`),
  shared: (token) => call("GET", `/api/shared/${encodeURIComponent(token)}`),
};

/** Where to sign in with a method and come back to this page. */
export function signInAddress(method, place = location.pathname + location.search) {
  const back = place.startsWith("/sign-in") ? "/" : place;
  return `${method.url}?returnTo=${encodeURIComponent(back)}`;
}
