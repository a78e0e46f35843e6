import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/**
 * The vectors of a file in `protocol/`.
 * @param {string} name
 * @param {string} [called] only those for this function
 * @returns {any[]}
 */
export function vectors(name, called) {
  const path = new URL(`../../protocol/${name}.json`, import.meta.url);
  const every = JSON.parse(readFileSync(path, "utf-8")).vectors;
  const chosen = every.filter((/** @type {any} */ each) => !called || each.function === called);
  assert.ok(chosen.length);
  return chosen;
}

/**
 * Check what a call gives, or with which code it throws.
 * @param {any} vector
 * @param {(input: any) => unknown} call
 */
export function check({ input, expected, error }, call) {
  if (!error) {
    assert.deepEqual(call(input), expected);
    return;
  }
  assert.throws(
    () => call(input),
    (/** @type {any} */ thrown) => {
      assert.equal(thrown.code, error);
      assert.ok(thrown.next_step);
      assert.doesNotMatch(thrown.message + thrown.next_step, /secret/);
      return true;
    },
  );
}
