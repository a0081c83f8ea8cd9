/** Throws unless both values are the same as JSON. */
export function equal(actual, expected) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${left} is not ${right}`);
}

export function check(condition, message) {
  if (!condition) throw new Error(message ?? "not so");
}
