import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { discover } from "../discovery.js";

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
const DOCUMENTS = ["/api", "/hub/api/", "/jupyter-lite.json", "/versions"];
const VERSIONS = { builder_info: {}, binderhub: "1.0.0" };

test("a BinderHub", async () => {
  const hub = await serve({ "/versions": VERSIONS });
  const found = await discover(hub.url);
  assert.deepEqual([found.url, found.kind, found.version], [hub.url, "binderhub", "1.0.0"]);
});

test("a JupyterHub", async () => {
  const hub = await serve({ "/hub/api/": { version: "6.1.1" } });
  const found = await discover(hub.host);
  assert.deepEqual([found.url, found.kind, found.version], [hub.url, "jupyterhub", "6.1.1"]);
  for (const path of hub.paths()) assert.ok(DOCUMENTS.includes(path ?? ""), path);
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
  assert.ok(hub.asked.length);
  for (const { headers, url } of hub.asked) {
    assert.equal(headers.referer, undefined);
    assert.equal(headers.cookie, undefined);
    assert.doesNotMatch(url ?? "", /secret/);
  }
});

test("a hub is asked once in a page's life", async () => {
  const hub = await serve({ "/hub/api/": { version: "6.1.1" } });
  const first = await discover(hub.url);
  const asked = hub.asked.length;
  assert.deepEqual(await discover(`${hub.url}hub/home`), first);
  assert.equal(hub.asked.length, asked);
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
  assert.deepEqual([found.kind, found.problem?.code], ["none", "hub-unreachable"]);
  assert.ok(found.problem?.next_step);
});

test("a hub that never answers", async () => {
  const hub = await serve(Object.fromEntries(["/", ...DOCUMENTS].map((path) => [path, silence])));
  const found = await discover(hub.url, { timeout: 100 });
  assert.equal(found.problem?.code, "hub-too-slow");
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
  assert.deepEqual([found.kind, found.problem?.code], ["none", "hub-unreachable"]);
});

test("something is there, and a page may not read what", async () => {
  const fetch = /** @type {typeof globalThis.fetch} */ (
    async (_, how) => {
      if (how?.mode === "no-cors") return new Response();
      throw new TypeError("Failed to fetch");
    }
  );
  const found = await discover("https://closed.example.org", { fetch });
  assert.equal(found.problem?.code, "origin-refused");
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
  assert.deepEqual([found.kind, found.problem?.code], ["none", "mixed-content"]);
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
