import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as hubLinks from "../hub-links.js";
import * as links from "../links.js";
import { sessionPath, sessionUrl } from "../session.js";
import { parseSpec } from "../spec.js";

const { vectors } = JSON.parse(
  readFileSync(new URL("../../protocol/links.json", import.meta.url), "utf-8"),
);

/** The JavaScript way to call each function with a vector's arguments. */
const CALLS = /** @type {Record<string, (input: any) => string>} */ ({
  hub_base: ({ hub }) => links.hubBase(hub),
  binderhub_link: ({ hub, spec, ...place }) => hubLinks.binderhubLink(hub, parseSpec(spec), place),
  jupyterhub_link: ({ hub, spec, ...place }) => hubLinks.jupyterhubLink(hub, parseSpec(spec), place),
  gitpuller_link: ({ hub, ...content }) => hubLinks.gitpullerLink(hub, content),
  session_path: (place) => sessionPath(place),
  session_url: ({ url, ...options }) => sessionUrl(url, options),
});

for (const { name, function: called, input, expected, error } of vectors) {
  test(`link: ${name}`, () => {
    const call = CALLS[called];
    assert.ok(call, `no call for ${called}`);
    if (!error) {
      assert.equal(call(input), expected);
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
  });
}

test("what a browser makes of a session's address stays below the session", () => {
  const base = "https://hub.example.org/user/reader/";
  const pieces = ["/", "\\", "..", ".", "%2e", "%2F", "%5c", ":", "?", "#", "@", "lab", "é", "%", "\t"];
  let opened = 0;
  for (const a of pieces)
    for (const b of pieces)
      for (const c of pieces)
        for (const d of pieces) {
          let address;
          try {
            address = sessionUrl(base, { token: "t", urlpath: a + b + c + d });
          } catch (error) {
            assert.equal(/** @type {any} */ (error).code, "invalid-link");
            continue;
          }
          const url = new URL(address);
          assert.ok(url.href.startsWith(base), address);
          assert.equal(url.searchParams.getAll("token").at(-1), "t", address);
          opened += 1;
        }
  assert.ok(opened > 1000);
});
