// Numbers and times in words.

const integer = new Intl.NumberFormat();

export function seconds(milliseconds) {
  const value = milliseconds / 1000;
  if (value < 60) return `${value.toFixed(1)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

/** A price in millionths of a dollar; small ones keep two digits that say something. */
export function cost(microUSD) {
  const dollars = microUSD / 1_000_000;
  if (dollars === 0) return "$0";
  if (dollars >= 0.01) return `$${dollars.toFixed(dollars >= 1 ? 2 : 3)}`;
  return `$${Number(dollars.toPrecision(2)).toFixed(6).replace(/0+$/, "")}`;
}

/** What an answer used, as short phrases. */
export function usagePhrases(message) {
  const phrases = [];
  const detail = message.usageDetail;
  if (detail) {
    const about = detail.estimated ? "about " : "";
    if (detail.inputTokens > 0 || detail.outputTokens > 0) {
      phrases.push(`${about}${integer.format(detail.inputTokens ?? 0)} in`, `${integer.format(detail.outputTokens ?? 0)} out`);
    }
    if (detail.cachedInputTokens > 0) phrases.push(`${integer.format(detail.cachedInputTokens)} cached`);
    if (detail.reasoningTokens > 0) phrases.push(`${integer.format(detail.reasoningTokens)} thinking`);
  } else if (Number.isFinite(message.usage) && message.usage > 0) {
    phrases.push(`${integer.format(message.usage)} tokens`);
  }
  if (Number.isFinite(message.costMicroUSD)) phrases.push(cost(message.costMicroUSD));
  return phrases;
}

/** The heading a conversation of that time is listed under. */
export function age(time, now = new Date()) {
  const then = new Date(time);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.ceil((midnight - then) / 86_400_000);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days <= 7) return "Last 7 days";
  if (days <= 30) return "Last 30 days";
  return then.toLocaleDateString(undefined, { month: "long", year: "numeric" });
}
