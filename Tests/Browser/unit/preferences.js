import { abilities, Preferences } from "/assets/preferences.js";
import { firstChoice, perMillion } from "/assets/models.js";
import { equal } from "/unit-tests/assert.js";

const thinker = { id: "t", provider: "p", available: true, reasoning: ["low", "high"], sampling: "no", verbosity: true, webSearch: true };
const plain = { id: "q", provider: "p", available: true, reasoning: [], sampling: "any", verbosity: false, webSearch: false };

function preferences(values) {
  const made = new Preferences({ api: { changeSettings: async () => {} } });
  made.values = values;
  return made;
}

export const tests = {
  "a request holds what the model takes"() {
    const all = {
      reasoningEffort: "high", outputVerbosity: "low", temperature: 0.5, topP: 0.9, maxTokens: 100, webSearch: true, systemPrompt: "Be brief.", titles: "off",
    };
    equal(preferences(all).request(thinker), {
      systemPrompt: "Be brief.", reasoningEffort: "high", outputVerbosity: "low", maxTokens: 100, webSearch: true,
    });
    equal(preferences(all).request(plain), { systemPrompt: "Be brief.", temperature: 0.5, topP: 0.9, maxTokens: 100 });
  },
  "a level the model has not is not asked for"() {
    equal(preferences({ reasoningEffort: "max" }).request(thinker), {});
    equal(abilities({ ...plain, reasoning: null }).efforts.length, 7);
  },
  "the default model comes before the one used last"() {
    equal(firstChoice([thinker, plain], "p/q").id, "q");
    equal(firstChoice([thinker, { ...plain, available: false }], "p/q").id, "t");
  },
  "prices in dollars"() {
    equal([0, 100_000, 2_000_000, 37_500, 12_500_000].map(perMillion), ["$0", "$0.1", "$2", "$0.0375", "$12.5"]);
  },
};
