import assert from "node:assert/strict";
import { test } from "node:test";

import { YamlNode } from "../yaml.js";

/** @type {Record<string, [string, unknown]>} */
const READ = {
  "texts of all kinds": [
    "a: plain text\nb: 'it''s'\nc: \"tab\\t\\u00e9\"\nd:\n  some\n  lines\n",
    { a: "plain text", b: "it's", c: "tab\té", d: "some lines" },
  ],
  "what is no text": [
    "a: 1.0\nb: 2024\nc: true\nd: ~\ne:\nf: 0x1f\ng: no\n",
    { a: 1, b: 2024, c: true, d: null, e: null, f: 31, g: "no" },
  ],
  comments: ["# first\na: x # why\n# between\nb: y#z\nc: # below\n  # deeper\n  d: 1\n", { a: "x", b: "y#z", c: { d: 1 } }],
  "colons and marks inside": ["a: https://a.example/b?c=d#e\nb: x:y\n", { a: "https://a.example/b?c=d#e", b: "x:y" }],
  lists: ["a:\n- 1\n- b: 2\n  c: 3\n- - 4\n  - 5\nd:\n  - x\n", { a: [1, { b: 2, c: 3 }, [4, 5]], d: ["x"] }],
  brackets: ["a: {b: [c, 'd, e'], f: {}, g: h i}\nj: [\n  k, # why\n  l,\n]\n".replace("]\n]", "]\n ]"), { a: { b: ["c", "d, e"], f: {}, g: "h i" }, j: ["k", "l"] }],
  "a document between marks": ["---\na: 1\n---\nb: 2\n", { a: 1 }],
  "Windows's line ends": ["a: x\r\nb:\r\n  c: y\r\n", { a: "x", b: { c: "y" } }],
};

for (const [name, [text, value]] of Object.entries(READ)) {
  test(`YAML: ${name}`, () => assert.deepEqual(YamlNode.of(text).value(), value));
}

for (const text of ["a: &b c", "a: *b", "a: !tag c", "a: |\n  b", "a: >-\n  b", "a: [b", "a: {b: c", 'a: "b', "a: b: c", "a: 'b' c"]) {
  test(`YAML that is refused: ${JSON.stringify(text)}`, () => {
    assert.throws(() => YamlNode.of(text).value(), SyntaxError);
  });
}

test("what is not asked for is not read", () => {
  const node = YamlNode.of("a: &b {c: d}\ne: |\n  f: g\n  # h\nx:\n  y: z\n");
  assert.equal(node.at("x", "y")?.value(), "z");
  assert.equal(node.at("x", "y", "z"), null);
  assert.equal(node.at("f"), null);
  assert.equal(node.at("a", "c"), null);
});

test("in brackets as in lines", () => {
  const node = YamlNode.of("a: {b: {c: '1.0'}}\n");
  assert.equal(node.at("a", "b", "c")?.value(), "1.0");
});

test("a value knows its line", () => {
  const node = YamlNode.of("---\na: 1\n\n# b\nb:\n  c: 2\n");
  assert.equal(node.at("b", "c")?.line, 6);
  assert.equal(YamlNode.of("a: 1\nb: 2\n", 2).at("b")?.line, 3);
});
