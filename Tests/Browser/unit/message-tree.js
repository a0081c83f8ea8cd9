import { MessageTree } from "/assets/message-tree.js";
import { equal } from "/unit-tests/assert.js";

const message = (id, parentId) => ({ id, parentId });
const ids = (messages) => messages.map(({ id }) => id);

export const tests = {
  "the branch ends at the active leaf"() {
    const tree = new MessageTree([message("a", null), message("b", "a"), message("c", "b"), message("d", "b")], "c");
    equal(ids(tree.path()), ["a", "b", "c"]);
    tree.activeLeafId = "d";
    equal(ids(tree.path()), ["a", "b", "d"]);
  },
  "without a leaf the newest branch is shown"() {
    const tree = new MessageTree([message("a", null), message("b", "a"), message("c", "a")], null);
    equal(ids(tree.path()), ["a", "c"]);
  },
  "siblings keep their order"() {
    const tree = new MessageTree([message("a", null), message("b", "a"), message("c", "a")], "c");
    equal(tree.siblings("c"), ["b", "c"]);
    tree.put({ ...message("b", "a"), content: "new" });
    equal(tree.siblings("c"), ["b", "c"]);
    equal(tree.get("b").content, "new");
  },
  "a message gets its lasting id with all below it"() {
    const tree = new MessageTree([], null);
    tree.put(message("local-1", null));
    tree.put(message("local-2", "local-1"));
    tree.activeLeafId = "local-2";
    tree.rename("local-1", "p");
    equal(ids(tree.path()), ["p", "local-2"]);
    tree.rename("local-2", "q");
    equal(ids(tree.path()), ["p", "q"]);
  },
  "a removed leaf makes its parent the leaf"() {
    const tree = new MessageTree([message("a", null), message("b", "a")], "b");
    tree.remove("b");
    equal(ids(tree.path()), ["a"]);
    tree.remove("a");
    equal(ids(tree.path()), []);
  },
  "a circle does not hang the page"() {
    const tree = new MessageTree([message("a", "b"), message("b", "a")], "a");
    equal(tree.path().length, 2);
  },
  "no leaf below a circle is looked for without end"() {
    const tree = new MessageTree([message("a", "b"), message("b", "a")], null);
    equal(typeof tree.leafBelow("a"), "string");
  },
};
