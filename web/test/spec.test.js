import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { formatSpec, makeSpec, parseSpec } from "../spec.js";

const { vectors } = JSON.parse(
  readFileSync(new URL("../../protocol/specs.json", import.meta.url), "utf-8"),
);

for (const { name, input, expected, error } of vectors) {
  test(`spec: ${name}`, () => {
    if (error) {
      assert.throws(
        () => parseSpec(input),
        (/** @type {any} */ thrown) => {
          assert.equal(thrown.code, error);
          assert.ok(thrown.next_step);
          assert.doesNotMatch(thrown.message + thrown.next_step, /secret/);
          return true;
        },
      );
      return;
    }
    const { canonical, ...parts } = expected;
    const spec = parseSpec(input);
    assert.deepEqual(spec, parts);
    assert.equal(formatSpec(spec), canonical);
    assert.deepEqual(parseSpec(canonical), spec);
  });
}

test("a spec made by hand is checked too", () => {
  assert.equal(makeSpec("gh", "user/book.git", "main").repository, "user/book");
  assert.throws(() => makeSpec("gh", "user/book"), { code: "invalid-spec" });
  assert.throws(() => makeSpec("zenodo", "10.5281/zenodo.1", "main"), { code: "invalid-spec" });
  assert.throws(() => makeSpec("git", "https://git.example.org/b", "--x"), { code: "invalid-spec" });
});
