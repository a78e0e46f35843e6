import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const BUDGET = 15_000;

/**
 * Every module that a page loads with this one.
 * @param {URL} url
 * @param {Map<string, string>} [graph] texts by address
 */
function load(url, graph = new Map()) {
  if (graph.has(url.href)) return graph;
  const text = readFileSync(url, "utf-8");
  graph.set(url.href, text);
  for (const [, name] of text.matchAll(/^(?:import|export)\b[^;]*?"(.+?)";$/gm)) {
    assert.match(name ?? "", /^\.\/[a-z-]+\.js$/, "a browser loads it without a bundler");
    load(new URL(name ?? "", url), graph);
  }
  return graph;
}

test("what a reader loads is small", (t) => {
  const graph = load(new URL("../hub-launch.js", import.meta.url));
  assert.ok(graph.size > 5, [...graph.keys()].join());
  let total = 0;
  for (const text of graph.values()) total += gzipSync(text, { level: 9 }).length;
  t.diagnostic(`${graph.size} modules, ${total} bytes gzipped`);
  assert.ok(total < BUDGET, `${total} bytes gzipped, ${BUDGET} allowed`);
});

test("nothing that a strict content security policy forbids", () => {
  for (const [name, text] of load(new URL("../hub-launch.js", import.meta.url))) {
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|\beval\(|\.style\b|new Function/, name);
  }
});
