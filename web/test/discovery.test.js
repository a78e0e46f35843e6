import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { discover, hubBases } from "../discovery.js";

const opened = /** @type {import("node:http").Server[]} */ ([]);
after(() => {
  for (const server of opened) {
    server.closeAllConnections();
    server.close();
  }
});

/**
 * A real server on a port of its own, which answers the given paths with JSON, everything else
 * with 404, and keeps what it was asked.
 * @param {Record<string, unknown>} answers a function is called with the response
 */
async function serve(answers) {
  const asked = /** @type {import("node:http").IncomingMessage[]} */ ([]);
  const server = createServer((request, response) => {
    asked.push(request);
    const answer = answers[request.url ?? ""];
    if (typeof answer === "function") answer(response);
    else if (answer === undefined) response.writeHead(404).end("nothing here");
    else response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  opened.push(server);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/`,
    asked,
    paths: () => asked.map((request) => request.url).sort(),
  };
}

/** @param {import("node:http").ServerResponse} _response */
const silence = (_response) => {};
const VERSIONS = { builder_info: {}, binderhub: "1.0.0" };

test("a BinderHub", async () => {
  const hub = await serve({ "/versions": VERSIONS });
  const found = await discover(hub.url);
  assert.deepEqual(found, { url: hub.url, kind: "binderhub", version: "1.0.0", problem: null });
});

test("a JupyterHub", async () => {
  const hub = await serve({ "/hub/api/": { version: "6.1.1" } });
  const found = await discover(hub.host);
  assert.deepEqual(found, { url: hub.url, kind: "jupyterhub", version: "6.1.1", problem: null });
  assert.deepEqual(hub.paths(), ["/hub/api/", "/versions"]);
});

test("both in one place is a BinderHub", async () => {
  const hub = await serve({ "/versions": VERSIONS, "/hub/api/": { version: "6.1.1" } });
  assert.equal((await discover(hub.url)).kind, "binderhub");
});

test("a BinderHub is known though the other endpoint hangs", async () => {
  const hub = await serve({ "/versions": VERSIONS, "/hub/api/": silence });
  assert.equal((await discover(hub.url, { timeout: 60_000 })).kind, "binderhub");
});

test("a BinderHub that is a service of the pasted JupyterHub", async () => {
  const hub = await serve({
    "/hub/api/": { version: "5.3.0" },
    "/services/binder/versions": VERSIONS,
  });
  const found = await discover(`${hub.url}services/binder/`);
  assert.equal(found.kind, "binderhub");
  assert.equal(found.url, `${hub.url}services/binder/`);
});

test("a service that is no BinderHub leads to its JupyterHub", async () => {
  const hub = await serve({ "/hub/api/": { version: "5.3.0" } });
  const found = await discover(`${hub.url}services/announcement`);
  assert.deepEqual([found.kind, found.url], ["jupyterhub", hub.url]);
});

test("the hub is told nothing of the reader", async () => {
  const hub = await serve({ "/hub/api/": { version: "6.1.1" } });
  await discover(`${hub.url}?token=secret`);
  assert.equal(hub.asked.length, 2);
  for (const { headers, url } of hub.asked) {
    assert.equal(headers.referer, undefined);
    assert.equal(headers.cookie, undefined);
    assert.doesNotMatch(url ?? "", /secret/);
  }
});

test("a hub is asked once in a page's life", async () => {
  const hub = await serve({ "/hub/api/": { version: "6.1.1" } });
  const first = await discover(hub.url);
  assert.deepEqual(await discover(`${hub.url}hub/home`), first);
  assert.equal(hub.asked.length, 2);
});

test("what is no hub is asked again", async () => {
  const answers = /** @type {Record<string, unknown>} */ ({});
  const hub = await serve(answers);
  const found = await discover(hub.url);
  assert.equal(found.kind, "none");
  assert.equal(found.problem?.code, "not-a-hub");
  assert.ok(found.problem?.message.includes(hub.host));
  assert.ok(found.problem?.next_step);
  answers["/hub/api/"] = { version: "6.1.1" };
  assert.equal((await discover(hub.url)).kind, "jupyterhub");
});

for (const [what, answer] of Object.entries({
  "a page": "<!doctype html><title>binderhub</title>",
  "a list": ["binderhub"],
  nothing: "null",
  "a text": '"binderhub"',
  "another object": { jupyter: 1, version: 3 },
})) {
  test(`${what} is no hub`, async () => {
    const site = await serve({ "/versions": answer, "/hub/api/": answer });
    assert.equal((await discover(site.url)).problem?.code, "not-a-hub");
  });
}

test("nobody there", async () => {
  const hub = await serve({});
  opened.pop()?.close();
  const found = await discover(hub.url);
  assert.deepEqual([found.kind, found.problem?.code], ["unreachable", "hub-unreachable"]);
  assert.ok(found.problem?.next_step);
});

test("a hub that never answers", async () => {
  const hub = await serve({ "/versions": silence, "/hub/api/": silence });
  const found = await discover(hub.url, { timeout: 100 });
  assert.equal(found.problem?.code, "hub-unreachable");
});

test("a hub whose answer never ends", async () => {
  const endless = (/** @type {import("node:http").ServerResponse} */ response) =>
    response.write('{"binderhub": "');
  const hub = await serve({ "/versions": endless, "/hub/api/": endless });
  assert.notEqual((await discover(hub.url, { timeout: 300 })).problem, null);
});

test("a refused cross-origin answer, as a browser's fetch has it", async () => {
  const fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  const found = await discover("https://old-hub.example.org", { fetch });
  assert.deepEqual([found.kind, found.problem?.code], ["unreachable", "hub-unreachable"]);
});

test("only one endpoint may be read", async () => {
  const fetch = /** @type {typeof globalThis.fetch} */ (
    async (url) => {
      if (String(url).endsWith("/versions")) throw new TypeError("Failed to fetch");
      return new Response('{"version": "5.3.0"}');
    }
  );
  assert.equal((await discover("https://half.example.org", { fetch })).kind, "jupyterhub");
});

test("an http hub is not asked from an https page", async () => {
  const fetch = () => assert.fail("asked");
  const found = await discover("http://hub.example.org", { fetch, protocol: "https:" });
  assert.deepEqual([found.kind, found.problem?.code], ["unreachable", "mixed-content"]);
  assert.match(found.problem?.next_step ?? "", /https:\/\/hub\.example\.org/);
});

test("browsers let an https page ask this machine over http", async () => {
  const hub = await serve({ "/versions": VERSIONS });
  assert.equal((await discover(hub.url, { protocol: "https:" })).kind, "binderhub");
});

test("the caller may stop the question", async () => {
  const stop = new AbortController();
  const hub = await serve({ "/versions": () => stop.abort(), "/hub/api/": silence });
  await assert.rejects(discover(hub.url, { signal: stop.signal }), { name: "AbortError" });
  await assert.rejects(discover(hub.url, { signal: stop.signal }), { name: "AbortError" });
});

for (const [pasted, ...bases] of [
  ["hub.example.org", "https://hub.example.org/"],
  ["  https://hub.example.org/  ", "https://hub.example.org/"],
  ["HTTPS://Hub.Example.ORG", "https://hub.example.org/"],
  ["https://hub.example.org//", "https://hub.example.org/"],
  ["https://hub.example.org/jupyter", "https://hub.example.org/jupyter/"],
  ["https://hub.example.org/jupyter/", "https://hub.example.org/jupyter/"],
  ["https://hub.example.org/hub", "https://hub.example.org/"],
  ["https://hub.example.org/hub/home", "https://hub.example.org/"],
  ["https://hub.example.org/hub/login?next=%2Fhub%2F#top", "https://hub.example.org/"],
  ["hub.example.org/jupyter/hub/spawn", "https://hub.example.org/jupyter/"],
  ["https://hub.example.org/user/me/lab/tree/hub/a.ipynb", "https://hub.example.org/"],
  ["https://hub.example.org/v2/gh/user/book/main?labpath=a", "https://hub.example.org/"],
  ["https://hub.example.org/versions", "https://hub.example.org/"],
  ["https://hub.example.org/services", "https://hub.example.org/"],
  [
    "https://hub.example.org/jupyter/services/binder/v2/gh/user/book/main",
    "https://hub.example.org/jupyter/",
    "https://hub.example.org/jupyter/services/binder/",
  ],
  ["https://hub.example.org/userguide", "https://hub.example.org/userguide/"],
  ["hub.example.org:8443", "https://hub.example.org:8443/"],
  ["localhost:8000", "http://localhost:8000/"],
  ["127.0.0.1:8000/hub/home", "http://127.0.0.1:8000/"],
  ["[::1]:8000", "http://[::1]:8000/"],
  ["https://localhost:8000", "https://localhost:8000/"],
  ["hüb.example.org", "https://xn--hb-xka.example.org/"],
]) {
  test(`pasted: ${pasted}`, () => assert.deepEqual(hubBases(pasted ?? ""), bases));
}

for (const pasted of [
  "",
  "   ",
  "my hub",
  "javascript:alert(1)",
  "javascript://hub.example.org/%0aalert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "ftp://hub.example.org",
  "https://user:secret@hub.example.org",
  "user:secret@hub.example.org",
  "https://hub.example.org:99999",
  "https://" + "a".repeat(3000),
]) {
  test(`refused: ${pasted.slice(0, 40)}`, async () => {
    const found = await discover(pasted, { fetch: () => assert.fail("asked") });
    assert.deepEqual([found.kind, found.url], ["none", ""]);
    assert.equal(found.problem?.code, "invalid-link");
    assert.doesNotMatch(`${found.problem?.message}${found.problem?.next_step}`, /secret/);
  });
}
