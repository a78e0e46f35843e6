import assert from "node:assert/strict";
import { test } from "node:test";

import { hubBases, Inquiry } from "../inquiry.js";
import { check, vectors } from "./vectors.js";

for (const vector of vectors("discovery", "hub_bases")) {
  test(vector.name, () => check(vector, hubBases));
}

/**
 * The answer that a vector gives to a question.
 * @param {any} input
 * @param {string} url
 * @returns {import("../types.js").Answer}
 */
function answer({ answers, otherwise }, url) {
  const given = answers[url];
  if (!given) return { outcome: otherwise };
  if (given.json !== undefined) return { outcome: "json", value: given.json, url: given.url ?? url };
  return given.image ? { outcome: "image", value: given.image } : given;
}

/** @param {any} input */
function inquire(input) {
  const inquiry = new Inquiry(input.text);
  const probes = new Map(inquiry.probes.map((probe) => [probe.url, probe]));
  for (const url of Object.keys(input.answers)) assert.ok(probes.has(url), url);
  const order = input.order ?? [...probes.keys()];
  for (const [number, url] of order.entries()) {
    const probe = probes.get(url);
    assert.ok(probe);
    const found = inquiry.add(probe, answer(input, url));
    if (!found) continue;
    if (input.order) assert.equal(number, order.length - 1);
    return found;
  }
  assert.ok(!input.order, "not decided");
  return inquiry.conclude();
}

for (const vector of vectors("discovery", "inquire")) {
  // A browser tells a page nothing of these.
  if (/^(?:private-address|hub-certificate)$/.test(vector.expected.problem)) continue;
  test(`inquiry: ${vector.name}`, () =>
    check(vector, (input) => {
      const { url, kind, version, name, found_by, launch, problem } = inquire(input);
      const templates = launch.map((way) => way.url_template);
      return { url, kind, version, name, found_by, launch: templates, problem: problem?.code ?? null };
    }),
  );
}
