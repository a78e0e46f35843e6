import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { otherwise } from "../launching.js";
import { makeSpec } from "../spec.js";
import { assumedHub } from "../inquiry.js";

const folder = new URL("../", import.meta.url);
const files = readdirSync(folder).filter((name) => /^lang-\w+\.js$/.test(name));
const [first = {}] = Object.values(await import(new URL(files[0] ?? "", folder).href));
const places = (/** @type {string} */ text) => (text.match(/\{\w+\}/g) ?? []).sort().join();

test("every language has the same texts, with the same places in them", async () => {
  assert.ok(files.length >= 3);
  for (const file of files) {
    const texts = (await import(new URL(file, folder).href))[file.slice(5, 7)];
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(first).sort(), file);
    assert.equal(texts.en, file.slice(5, 7));
    for (const [english, text] of Object.entries(texts)) {
      if (english !== "en") assert.equal(places(text), places(english), `${file}: ${english}`);
    }
  }
});

test("every text that the control shows is translated", () => {
  const names = ["hub-dialog.js", "hub-launch-element.js"];
  const shown = names.flatMap((name) => {
    const text = readFileSync(new URL(name, folder), "utf-8");
    return [...text.matchAll(/\bt\(\s*"([^"]+)"/g)].map((found) => found[1] ?? "");
  });
  assert.ok(shown.length > 15);
  assert.deepEqual(shown.filter((text) => !(text in first)), []);
});

test("what a hub opens otherwise than it is asked is said, in every language", () => {
  const spec = makeSpec("gh", "u/r", "0".repeat(40));
  const place = { env_path: "course" };
  const [binder, puller] = ["binderhub", "jupyterhub"].map((kind) =>
    otherwise(assumedHub("https://h.example/", /** @type {any} */ (kind)), spec, place, null),
  );
  assert.deepEqual(binder, ["It uses another recipe than this page."]);
  assert.deepEqual(puller, ["It opens the newest version, not the one of this page."]);
  assert.ok([...(binder ?? []), ...(puller ?? [])].every((text) => text in first));
  const ours = { ...assumedHub("https://h.example/", "binderhub"), launch: [
    { kind: "binder", url_template: "v2/{provider}/{+spec}{?labpath,envpath}" },
  ] };
  assert.deepEqual(otherwise(ours, spec, place, null), []);
});
