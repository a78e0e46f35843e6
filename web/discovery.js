/**
 * Ask an address, from a page on another origin, what kind of hub it is.
 *
 * A hub lets foreign pages read two answers, both without login: BinderHub's `/versions`, and
 * JupyterHub's `/hub/api/` since 5.3.
 */
import { HubroamError } from "./errors.js";
import { hubBase } from "./links.js";

/**
 * @import { Discovery, DiscoveryOptions, HubKind } from "./types.js"
 */

/** What hubs answered, for as long as the page lives.  Failures are asked again. */
const answered = /** @type {Map<string, Discovery>} */ (new Map());

const RANK = { binderhub: 0, jupyterhub: 1, none: 2, unreachable: 3 };
const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/;
/** A hub's inner pages; what stands before them is its base. */
const INNER_PAGE = /^(.*?)\/(?:(?:hub|user|v2|build|versions)(?:\/.*)?|services(?:\/([^/]*).*)?)$/;

/**
 * Ask what hub is at an address.
 * @param {string} text what a reader pasted: see `hubBases`
 * @param {DiscoveryOptions} [options]
 * @returns {Promise<Discovery>} rejected only when the signal is aborted, with its reason
 */
export async function discover(text, options = {}) {
  let bases;
  try {
    bases = hubBases(text);
  } catch (error) {
    if (error instanceof HubroamError) return failure("none", "", error);
    throw error;
  }
  const key = bases.join(" ");
  const known = answered.get(key);
  if (known) return known;

  const [url = ""] = bases;
  const { hostname, host } = new URL(url);
  const { protocol = globalThis.location?.protocol, signal } = options;
  if (protocol === "https:" && url.startsWith("http:") && !LOOPBACK.test(hostname)) {
    const problem = new HubroamError(
      "mixed-content",
      `This page is secure (https) and ${host} is not (http): the browser keeps them apart.`,
      `Try https://${hostname}, or ask the hub's operator for its https address.`,
    );
    return failure("unreachable", url, problem);
  }
  const found = await Promise.all(bases.map((base) => askBase(base, options)));
  signal?.throwIfAborted();
  const best = found.reduce((one, other) => (RANK[other.kind] < RANK[one.kind] ? other : one));
  if (!best.problem) answered.set(key, best);
  return best;
}

/**
 * Where a hub may be, from what people paste: without a scheme, an inner page such as `/hub/home`,
 * `/user/me/lab` or `/v2/gh/…`, with or without a slash at the end.
 * @param {string} text
 * @returns {string[]} base URLs; a second one when the text names a service of a JupyterHub,
 *   which may itself be a BinderHub
 * @throws {HubroamError} `invalid-link`: it is no address, or holds a password
 */
export function hubBases(text) {
  const typed = text.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed);
  let url;
  try {
    url = new URL(hasScheme ? typed : `https://${typed}`);
  } catch {
    throw new HubroamError(
      "invalid-link",
      "This is not the address of a website.",
      "Paste the address of your hub, such as https://hub.example.org.",
    );
  }
  if (!hasScheme && LOOPBACK.test(url.hostname)) url.protocol = "http:";
  const [, root = url.pathname, service] = INNER_PAGE.exec(url.pathname) ?? [];
  url.search = url.hash = "";
  const paths = service ? [root, `${root}/services/${service}`] : [root];
  return paths.map((path) => {
    url.pathname = path;
    return hubBase(url.href);
  });
}

/**
 * Ask both endpoints of one base at once.
 * @param {string} base
 * @param {DiscoveryOptions} options
 * @returns {Promise<Discovery>}
 */
async function askBase(base, { fetch = globalThis.fetch, signal, timeout = 5000 }) {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const timer = setTimeout(abort, timeout);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  let reached = false;
  /** @param {string} path */
  const ask = async (path) => {
    try {
      // The hub learns neither who reads nor what: no cookies, no referrer.
      const response = await fetch(base + path, {
        signal: stop.signal,
        credentials: "omit",
        referrerPolicy: "no-referrer",
      });
      reached = true;
      return (response.ok && (await response.json())) || {};
    } catch {
      return {};
    }
  };
  try {
    const [versions, api] = [ask("versions"), ask("hub/api/")];
    const { binderhub } = await versions;
    if (binderhub !== undefined) return hub("binderhub", base, binderhub);
    const { version } = await api;
    if (typeof version === "string") return hub("jupyterhub", base, version);
  } finally {
    abort();
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
  const { host } = new URL(base);
  const problem = reached
    ? new HubroamError(
        "not-a-hub",
        `${host} answers, but there is no hub at this address.`,
        "Use the address where you sign in to your JupyterHub or BinderHub.",
      )
    : new HubroamError(
        "hub-unreachable",
        `${host} gave this page no answer.`,
        "Check the address, and open it in a new tab. If it opens there, the hub does not let " +
          "other pages ask what it is, as JupyterHub before 5.3: its operator can change that.",
      );
  return failure(reached ? "none" : "unreachable", base, problem);
}

/**
 * @param {HubKind} kind
 * @param {string} url
 * @param {unknown} version
 * @returns {Discovery}
 */
function hub(kind, url, version) {
  return { url, kind, version: typeof version === "string" ? version : null, problem: null };
}

/**
 * @param {"none" | "unreachable"} kind
 * @param {string} url
 * @param {HubroamError} problem
 * @returns {Discovery}
 */
function failure(kind, url, problem) {
  return { url, kind, version: null, problem };
}
