/** No link leaves the hub's origin, carries `javascript:`, or smuggles a second host. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { assumedHub, hubBases } from "../inquiry.js";
import { formatLaunchLink, parseLaunchLink } from "../launch-link.js";
import { launchUrl } from "../launching.js";
import { hubBase } from "../links.js";
import { HANDLER } from "../memory.js";
import { expand, readProfile } from "../profile.js";
import { makeSpec, PROVIDERS } from "../spec.js";

const PIECES = [
  ..."/\\.:?#@%&=+ \t\n\u202e\u2028é",
  ...["..", "//", "%2e", "%2F", "%5c", "%0a", "javascript:", "data:", "https://evil.example", "//evil.example"],
  ...["evil.example", "@evil.example", "lab", "a.ipynb", "gh", "u/r", "{spec}", "{+spec}", "{?path}", "user:secret@"],
];
const BASES = ["https://hub.example.org/", "http://127.0.0.1:8000/jupyter/"];

/** Texts of hostile pieces, the same ones in each run (a linear congruential generator). */
function* texts(count = 4000, longest = 5) {
  let state = 20260101;
  const next = (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let made = 0; made < count; made++) {
    yield Array.from({ length: 1 + next(longest) }, () => PIECES[next(PIECES.length)] ?? "").join("");
  }
}

/**
 * @template T
 * @param {() => T} make
 * @returns {T | null} null when it was refused
 */
function unlessRefused(make) {
  try {
    return make();
  } catch (error) {
    const { code, message, next_step } = /** @type {any} */ (error);
    if (!code) throw error;
    assert.doesNotMatch(message + next_step, /secret/);
    return null;
  }
}

/**
 * @param {string} link
 * @param {string} base
 */
function staysBelow(link, base) {
  const url = new URL(link); // as a browser reads it
  assert.equal(url.origin, new URL(base).origin, link);
  assert.equal(url.username + url.password, "", link);
  assert.ok(url.href.startsWith(base), link);
  assert.doesNotMatch(link, /[\s\\<>"]/u);
}

const spec = makeSpec("gh", "ada/book", "main");
const content = makeSpec("gl", "group/book", "dev");

test("a hostile place stays on the hub", () => {
  let made = 0;
  for (const text of texts()) {
    for (const base of BASES) {
      for (const kind of /** @type {const} */ (["binderhub", "jupyterhub"])) {
        for (const place of [{ labpath: text }, { filepath: text }, { urlpath: text }, { env_path: text }]) {
          for (const other of [null, content]) {
            const link = unlessRefused(() => launchUrl(assumedHub(base, kind), spec, place, other));
            if (link === null) continue;
            staysBelow(link, base);
            made++;
          }
        }
      }
    }
    const handled = unlessRefused(() => launchUrl(HANDLER, spec, { labpath: text }));
    if (handled) assert.match(handled, /^web\+binder:gh\/ada\/book\/main\?labpath=[\w.~%-]*$/);
  }
  assert.ok(made > 10_000, String(made));
});

test("a hostile repository and ref stay on the hub", () => {
  let made = 0;
  for (const text of texts()) {
    for (const provider of PROVIDERS.keys()) {
      for (const [repository, ref] of [[text, "main"], [`https://git.example/${text}`, ""], ["u/r", text]]) {
        const link = unlessRefused(() =>
          launchUrl(assumedHub(BASES[0] ?? "", "binderhub"), makeSpec(provider, repository ?? "", ref)),
        );
        if (link === null) continue;
        staysBelow(link, BASES[0] ?? "");
        made++;
      }
    }
  }
  assert.ok(made > 500, String(made));
});

test("a hostile profile's templates stay on the hub", () => {
  let made = 0;
  for (const text of texts()) {
    for (const url_template of [text, `v2/{provider}/{+spec}${text}`, `${text}{provider}/{spec}`]) {
      const launch = [{ kind: "binder", url_template }, { kind: "content", url_template }];
      const profile = readProfile({ hub_profile: { format: 1, name: "x", logo: text, launch } });
      if (!profile) continue;
      if (profile.logo) staysBelow(BASES[0] + profile.logo, BASES[0] ?? "");
      for (const way of profile.launch) {
        const variables = { provider: "gh", spec: "ada/book/main", path: text };
        const link = unlessRefused(() => expand(way, BASES[0] ?? "", variables));
        if (link === null) continue;
        staysBelow(link, BASES[0] ?? "");
        made++;
      }
    }
  }
  assert.ok(made > 500, String(made));
});

test("a hostile hub is one http address or none", () => {
  let made = 0;
  for (const text of texts()) {
    for (const hub of [text, `https://hub.example.org${text}`, `https://${text}`, `${text}hub.example.org`]) {
      for (const base of unlessRefused(() => hubBases(hub)) ?? []) {
        const url = new URL(base);
        assert.match(url.protocol, /^https?:$/);
        assert.equal(url.username + url.password + url.search + url.hash, "", base);
        assert.equal(hubBase(base), base);
        made++;
      }
    }
  }
  assert.ok(made > 500, String(made));
});

test("what is read from a hostile link makes a link of the same hub", () => {
  let made = 0;
  for (const text of texts()) {
    const base = BASES[1] ?? "";
    for (const tail of [`v2/gh/u/r/main?urlpath=${text}`, `v2/${text}`, `hub/user-redirect/git-pull?repo=${text}`, `lab/index.html?path=${text}`]) {
      const link = unlessRefused(() => formatLaunchLink(parseLaunchLink(base + tail)));
      if (link === null) continue;
      staysBelow(link, base);
      made++;
    }
  }
  assert.ok(made > 500, String(made));
});
