import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/**
 * Every module that a page loads with this one.
 * @param {URL} url
 * @param {Map<string, string>} [graph] texts by address
 */
function load(url, graph = new Map()) {
  if (graph.has(url.href)) return graph;
  const text = readFileSync(url, "utf-8");
  graph.set(url.href, text);
  for (const [, name] of text.matchAll(/^import \{[^}]*\} from "(.+?)";$/gm)) {
    assert.match(name ?? "", /^\.\/[a-z-]+\.js$/, "a browser loads it without a bundler");
    load(new URL(name ?? "", url), graph);
  }
  return graph;
}

test("a browser loads what it needs, and no more", () => {
  const names = [...load(new URL("../hub-launch.js", import.meta.url)).keys()].join();
  assert.match(names, /hub-dialog\.js/);
  assert.doesNotMatch(names, /launch-link\.js|lang-/);
});

/* what it weighs is in tests/test_resources.py */
test("nothing that a strict content security policy forbids", () => {
  for (const [name, text] of load(new URL("../hub-launch.js", import.meta.url))) {
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|\beval\(|\.style\b|new Function/, name);
  }
});
