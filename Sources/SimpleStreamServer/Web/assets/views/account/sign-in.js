import { account, signInAddress } from "../../account.js";
import { el } from "../dom.js";
import { card } from "./card.js";

const problems = {
  refused: "The sign-in could not be confirmed. Try again.",
  unavailable: "The sign-in service cannot be reached. Try again in a moment.",
};

/** The page for who is not signed in. */
export async function signInPage() {
  const problem = problems[new URLSearchParams(location.search).get("error")] ?? "";
  const ways = await signInWays({ onGuest: () => location.assign(location.pathname.startsWith("/sign-in") ? "/" : location.href) });
  return card(
    "Sign in", problem ? el("p", { class: "card-problem", role: "alert", text: problem }) : null,
    el("p", { class: "lead", text: "Your conversations wait for you, on every device." }), ways,
  );
}

/** Over the page when the session has ended: what is on the page stays. Calls `onGuest()` when a guest's has begun. */
export async function signInDialog({ onGuest }) {
  const ways = await signInWays({
    onGuest: () => {
      dialog.close();
      onGuest();
    },
  });
  const dialog = el(
    "dialog", { class: "dialog sign-in-dialog", "aria-labelledby": "sign-in-title" },
    el("h2", { id: "sign-in-title", text: "You are signed out" }),
    el("p", { text: "Sign in again to go on. What is on this page is kept until you leave it." }), ways,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function signInWays({ onGuest }) {
  const problem = el("p", { class: "card-problem", role: "alert", hidden: true });
  const list = el("div", { class: "ways" });
  let ways;
  try {
    ways = await account.methods();
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
    return el("div", {}, problem);
  }
  for (const [index, method] of ways.methods.entries()) {
    list.append(el("a", { class: "button primary wide", href: signInAddress(method), autofocus: index === 0, text: `Continue with ${method.name}` }));
  }
  if (ways.guests) {
    const button = el("button", {
      type: "button", class: ways.methods.length ? "button wide" : "button primary wide", text: "Continue as a guest",
      on: {
        click: async () => {
          button.disabled = true;
          try {
            await account.beGuest();
            onGuest();
          } catch (error) {
            problem.textContent = error.message;
            problem.hidden = false;
            button.disabled = false;
          }
        },
      },
    });
    list.append(button);
    if (ways.methods.length) {
      list.append(el("p", { class: "fine-print", text: "A guest's conversations move to your account when you sign in." }));
    }
  }
  return el("div", {}, problem, list);
}
