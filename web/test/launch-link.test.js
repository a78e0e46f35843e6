import assert from "node:assert/strict";
import { test } from "node:test";

import { formatLaunchLink, parseLaunchLink } from "../launch-link.js";
import { formatSpec } from "../spec.js";
import { check, vectors } from "./vectors.js";

/** @param {string} url */
function read(url) {
  const { spec, content, ...link } = parseLaunchLink(url);
  return {
    ...link,
    spec: spec && formatSpec(spec),
    ...(content && { content: formatSpec(content) }),
  };
}

for (const vector of vectors("launch-links")) {
  test(`launch link: ${vector.name}`, () => {
    check(vector, read);
    if (!vector.error) {
      assert.equal(formatLaunchLink(parseLaunchLink(vector.input)), vector.canonical);
      assert.deepEqual(parseLaunchLink(vector.canonical), parseLaunchLink(vector.input));
    }
  });
}
