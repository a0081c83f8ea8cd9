// The models to choose from.

import { storage } from "./storage.js";

const names = {
  openai: "OpenAI", anthropic: "Anthropic", gemini: "Google Gemini", xai: "xAI", meta: "Meta", vercel: "Vercel AI Gateway",
  local: "On this machine", demo: "Demo",
};

export function providerName(provider) {
  return names[provider] ?? provider.charAt(0).toUpperCase() + provider.slice(1);
}

export function modelKey(model) {
  return `${model.provider}/${model.id}`;
}

export function isDemo(model) {
  return model.provider === "demo";
}

/** Models by provider: usable ones first, then the demo, then what needs a key. */
export function grouped(models) {
  const groups = new Map();
  for (const model of models) {
    if (!groups.has(model.provider)) groups.set(model.provider, []);
    groups.get(model.provider).push(model);
  }
  const rank = (list) => (!list.some((model) => model.available) ? 2 : isDemo(list[0]) ? 1 : 0);
  return [...groups.values()]
    .map((list) => ({ provider: list[0].provider, models: [...list].sort((a, b) => Number(b.available) - Number(a.available)) }))
    .sort((a, b) => rank(a.models) - rank(b.models));
}

/** Whose key a model is used with, in words; empty when there is nothing to say. */
export function keyNote(model) {
  if (isDemo(model)) return "repeats your words";
  if (!model.available) return "needs a key";
  return { user: "your key", operator: "server's key" }[model.keySource] ?? "no key needed";
}

/** What to do to use a model that needs a key. */
export function keyHelp(model) {
  return `${model.displayName || model.id} needs a key for ${providerName(model.provider)}: add yours in the settings.`;
}

const keyPages = {
  openai: "https://platform.openai.com/api-keys", anthropic: "https://console.anthropic.com/settings/keys", gemini: "https://aistudio.google.com/apikey",
  xai: "https://console.x.ai", meta: "https://dev.meta.ai", vercel: "https://vercel.com/dashboard/ai-gateway",
};

/** Where a provider gives out keys. */
export function keyAddress(provider) {
  return keyPages[provider] ?? null;
}

/** A price in millionths of a dollar for a million tokens. */
export function perMillion(microUSD) {
  const dollars = microUSD / 1_000_000;
  return `$${dollars >= 1 || dollars === 0 ? Number(dollars.toFixed(2)) : Number(dollars.toPrecision(3))}`;
}

export function contextNote(model) {
  const tokens = model.contextWindow;
  if (!Number.isFinite(tokens) || tokens <= 0) return "";
  if (tokens >= 1_000_000) return `${trimmed(tokens / 1_000_000)}M`;
  return tokens >= 1000 ? `${Math.round(tokens / 1000)}K` : String(tokens);
}

function trimmed(number) {
  return number.toFixed(1).replace(/\.0$/, "");
}

/**
 * The default model of the settings or the one chosen last in this browser, if it can be used, else the first usable
 * one, the demo only for want of another.
 */
export function firstChoice(models, defaultModel) {
  const usable = models.filter((model) => model.available);
  const remembered = storage.get("model");
  return usable.find((model) => modelKey(model) === defaultModel) ?? usable.find((model) => modelKey(model) === remembered) ?? usable.find((model) => !isDemo(model)) ?? usable[0] ?? null;
}

export function remember(model) {
  storage.set("model", modelKey(model));
}
