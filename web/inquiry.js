/**
 * What to ask an address to learn which hub it is, and what the answers mean, as in
 * `src/hubroam/inquiry.py`; `protocol/discovery.json` holds what both make of the same answers.
 */
import { checkText, splitUrl } from "./addresses.js";
import { HubroamError } from "./errors.js";
import { hubBase } from "./links.js";
import { readProfile } from "./profile.js";

/**
 * @import { Answer, Discovery, Hub, HubKind, LaunchWay, Probe } from "./types.js"
 */

const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/i;
/** A hub's inner pages; what stands before them is its base. */
const INNER =
  /^(.*?)\/(?:(?:hub|user|v2|build|versions|roam|repo|badge_logo\.svg|badge\.svg)(?:\/.*)?|services(?:\/([^/]*).*)?)$/;
/** Pages of Jupyter's applications; a hub may as well be at a path of such a name. */
const PAGE = /^(.*?)\/(?:lab|tree|notebooks|edit|consoles|repl|retro|doc|login|api)(?:\/.*)?$/;

const git = "git-pull{?repo,branch,urlpath}";
/** How to launch on a hub that does not say it. */
export const WAYS = /** @satisfies {Record<string, LaunchWay>} */ ({
  binderhub: {
    kind: "binder",
    url_template: "v2/{provider}/{+spec}{?urlpath,labpath,filepath}",
  },
  jupyterhub: { kind: "git-pull", url_template: `hub/user-redirect/${git}` },
  jupyterlite: { kind: "content", url_template: "lab/index.html{?path}" },
  "jupyter-server": { kind: "git-pull", url_template: git },
});
const RANK = ["hubroam", ...Object.keys(WAYS), "none"];

/** @type {Record<string, string>} the documents that tell a hub, in the order in which they count */
const QUESTIONS = {
  versions: "versions",
  "hub-api": "hub/api/",
  "jupyter-lite-json": "jupyter-lite.json",
  api: "api",
};
/** @type {[keyof typeof WAYS, string, string][]} images tell it by their size */
const IMAGES = [
  ["binderhub", "badge_logo.svg", "109×20"],
  ["jupyterhub", "hub/static/images/jupyterhub-80.png", "416×80"],
  ["jupyterlite", "lab/favicon.ico", "256×256"],
  ["jupyter-server", "static/logo/logo.png", "208×56"],
];

/** @type {[Answer["outcome"][], string, string, string][]} the nearest to an answer first */
const PROBLEMS = [
  [
    ["other", "json", "image"],
    "not-a-hub",
    "{host} answers, but there is no hub at this address.",
    "Use the address where you sign in to your JupyterHub or BinderHub.",
  ],
  [
    ["refused"],
    "origin-refused",
    "{host} answers, but does not let this page read what it is.",
    "Check the address, and ask the hub’s operator to open it to book pages.",
  ],
  [
    ["timeout"],
    "hub-too-slow",
    "{host} did not answer in time.",
    "Try again in a moment, or open it in a new tab to see whether it is well.",
  ],
  [
    ["unreachable"],
    "hub-unreachable",
    "{host} cannot be reached.",
    "Check the spelling, and open it in a new tab: it may be down, or its certificate not trusted.",
  ],
];

/** @param {string} host */
export const isLoopback = (host) => LOOPBACK.test(host);

/**
 * Where a hub may be, from what people paste: without a scheme, an inner page such as `/hub/home`,
 * `/user/me/lab` or `/v2/gh/…`, a host in any script.
 * @param {string} text
 * @returns {string[]} base URLs, the most likely first
 * @throws {HubroamError} `invalid-link`: it is no address, or holds a password
 */
export function hubBases(text) {
  const typed = text.trim();
  checkText(typed, "invalid-link");
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed);
  const parts = splitUrl(hasScheme ? typed : `https://${typed}`);
  if (!parts) return [hubBase(typed)]; // which says what is wrong
  const host = inAscii(parts.host);
  const scheme = !hasScheme && isLoopback(host) ? "http" : parts.scheme;
  const usual = parts.port === { https: "443", http: "80" }[scheme];
  const port = parts.port && !usual ? `:${parts.port}` : "";
  const user = parts.userinfo === undefined ? "" : `${parts.userinfo}@`;
  const path = parts.path.replace(/[?#].*$/, "").replace(/\/+$/, "");
  const bases = places(path).map((place) => hubBase(`${scheme}://${user}${host}${port}${place}`));
  return [...new Set(bases)];
}

/** @param {string} path */
function places(path) {
  const [inner, root = "", service] = INNER.exec(path) ?? [];
  if (inner) return service ? [root, `${root}/services/${service}`] : [root];
  const page = PAGE.exec(path);
  return [...(page ? [page[1] ?? ""] : []), path.replace(/\/[^/]*\.[A-Za-z0-9]+$/, ""), ""];
}

/** @param {string} host */
function inAscii(host) {
  if (!/[^\x00-\x7f]/.test(host)) return host;
  try {
    return new URL(`https://${host}`).hostname;
  } catch {
    return host; // `hubBase` says what is wrong
  }
}

/** One address, and the answers so far. */
export class Inquiry {
  /** @type {Map<string, Answer>} by URL */
  #answers = new Map();

  /** @param {string} text see `hubBases`, which may throw */
  constructor(text) {
    this.bases = hubBases(text);
    /** @type {Probe[]} all that is to be asked */
    this.probes = [
      ...this.bases.flatMap((base) =>
        Object.values(QUESTIONS).map((path, number) => ({
          url: base + path,
          image: false,
          first: number < 2,
        })),
      ),
      ...this.bases.flatMap((base) =>
        IMAGES.map(([, path]) => ({ url: base + path, image: true, first: false })),
      ),
    ];
  }

  /**
   * Take an answer.
   * @param {Probe} probe
   * @param {Answer} answer
   * @returns {Discovery | null} the result as soon as no other answer could change it
   */
  add(probe, answer) {
    this.#answers.set(probe.url, answer);
    return this.#decided();
  }

  /** The result when no more answers will come. */
  conclude() {
    for (const { url } of this.probes) {
      if (!this.#answers.has(url)) this.#answers.set(url, { outcome: "timeout" });
    }
    return this.#decided() ?? this.#nothing();
  }

  #decided() {
    let best = null;
    let waiting = false;
    let open = false; // whether a base before this one may still show a profile
    for (const base of this.bases) {
      const found = this.#verdict(base);
      if (found?.profile ? !open : found?.kind === "binderhub" && !waiting) return found;
      open ||= ["versions", "hub/api/"].some((path) => !this.#answers.has(base + path));
      if (!found) waiting = true;
      else if (!best || rank(found) < rank(best)) best = found;
    }
    if (waiting || !best) return null;
    return best.kind === "none" ? this.#nothing() : best;
  }

  /**
   * What is at one base; null while that is open.
   * @param {string} base
   */
  #verdict(base) {
    const first = this.#answers.get(base + "versions");
    const told = Object.entries(QUESTIONS).map(([name, path]) => {
      const answer = this.#answers.get(base + path);
      return answer && (read(name, base, answer, first) ?? "nothing");
    });
    for (const found of told) if (typeof found === "object" && found.profile) return found;
    for (const found of told) if (found !== "nothing") return found ?? null;
    for (const [kind, path, size] of IMAGES) {
      const answer = this.#answers.get(base + path);
      if (!answer) return null;
      if (answer.outcome === "image" && answer.value.join("×") === size) {
        return discovery(base, kind, null, "image");
      }
    }
    return discovery(base, "none", null, null);
  }

  /** Why there is no hub: what came nearest to an answer decides. */
  #nothing() {
    const outcomes = [...this.#answers.values()].map(({ outcome }) => outcome);
    const [base = ""] = this.bases;
    const [, code = "", message = "", next = ""] =
      PROBLEMS.find(([each]) => each.some((one) => outcomes.includes(one))) ?? [];
    const { host } = new URL(base);
    return failure(base, new HubroamError(code, message, next, { host }));
  }
}

/**
 * What a document says; null when it is no hub's.
 * @param {string} name
 * @param {string} base
 * @param {Answer} answer
 * @param {Answer | undefined} first what `/versions` answered
 * @returns {Discovery | null}
 */
function read(name, base, { outcome, value, url = "" }, first) {
  if (outcome !== "json" || !value || typeof value !== "object") return null;
  base = moved(base, url.slice(0, url.length - (QUESTIONS[name] ?? "").length));
  if (name === "jupyter-lite-json") {
    const site = value["jupyter-config-data"];
    return site && typeof site === "object" ? discovery(base, "jupyterlite", site.appVersion, name) : null;
  }
  const version = name === "versions" ? value.binderhub : value.version;
  const profile = readProfile(value);
  if (profile) {
    const { software, launch } = profile;
    const kind = launch[0]?.kind === "binder" ? "binderhub" : "jupyterhub";
    const found = discovery(
      base,
      software.name === "hubroam" ? "hubroam" : kind,
      software.version || version,
      "profile",
    );
    return { ...found, name: profile.name, launch, profile };
  }
  if (name === "versions") {
    return version === undefined || version === null
      ? null
      : discovery(base, "binderhub", version, name);
  }
  // A server that answers everything with one version says nothing by it.
  if (typeof version !== "string" || version === first?.value?.version) return null;
  return discovery(base, name === "api" ? "jupyter-server" : "jupyterhub", version, name);
}

/**
 * The base after a redirect, such as from http to https; a link to another host stays as it is.
 * @param {string} base
 * @param {string} url
 */
function moved(base, url) {
  try {
    return url.endsWith("/") && new URL(url).hostname === new URL(base).hostname ? hubBase(url) : base;
  } catch {
    return base;
  }
}

/**
 * @param {string} url
 * @param {HubKind | "none"} kind
 * @param {unknown} version
 * @param {string | null} found_by
 * @returns {Discovery}
 */
function discovery(url, kind, version, found_by) {
  const told = typeof version === "string" && /^[\w.+!-]{1,60}$/.test(version);
  const way = WAYS[/** @type {keyof typeof WAYS} */ (kind)];
  return {
    url,
    kind,
    version: told ? version : null,
    name: null,
    found_by,
    launch: way ? [way] : [],
    profile: null,
    problem: null,
  };
}

/**
 * @param {string} url
 * @param {HubroamError} problem
 */
export function failure(url, problem) {
  return { ...discovery(url, "none", null, null), problem };
}

/**
 * A hub that nobody asked, or that gave no answer.
 * @param {string} url
 * @param {"binderhub" | "jupyterhub" | "none"} kind what a reader says that it is
 * @returns {Hub}
 */
export function assumedHub(url, kind) {
  const name = url.replace(/^https?:\/\/|\/$/g, "");
  const { launch } = discovery(url, kind, null, null);
  return { url, kind: /** @type {Hub["kind"]} */ (kind), name, logo: null, launch };
}

/** @param {Discovery} found */
const rank = (found) => RANK.indexOf(found.kind);
