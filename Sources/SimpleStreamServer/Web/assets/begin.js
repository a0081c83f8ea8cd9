// Decides what the page shows first: the chat, the way in, a device's code or a shared conversation.

import { readSession } from "./account.js";
import { devicePage } from "./views/account/device.js";
import { sharedPage } from "./views/account/shared.js";
import { signInPage } from "./views/account/sign-in.js";

/** Calls `startChat(session)` when it is the chat's turn. */
export async function begin(startChat) {
  const shared = /^\/shared\/([A-Za-z0-9_-]+)$/.exec(location.pathname);
  if (shared) {
    show(await sharedPage(shared[1]));
    return;
  }
  const session = await readSession();
  if (session.signedIn === false) {
    show(await signInPage());
    return;
  }
  if (location.pathname === "/device" && session.signedIn && !session.local) {
    show(devicePage(session));
    return;
  }
  // Nothing to sign in to: the chat is all there is.
  if (location.pathname === "/sign-in" || location.pathname === "/device") history.replaceState(null, "", "/");
  startChat(session);
}

function show(element) {
  document.body.append(element);
  element.querySelector("[autofocus]")?.focus();
}
