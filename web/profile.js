/**
 * What a hub says of itself, as in `src/hubroam/profile.py`; `protocol/profiles.json` holds what
 * both make of it.  A profile comes from a stranger: what cannot be used safely is left out.
 */
import { checkText, encodePart, encodeUrl } from "./addresses.js";
import { below, hubBase } from "./links.js";

/**
 * @import { HubProfile, LaunchWay } from "./types.js"
 */

/** @type {Record<string, string[]>} */
const NEEDED = { binder: ["provider", "spec"], "git-pull": ["repo"], live: ["provider", "spec", "live"], content: [] };
const TEMPLATE = /^[^{/](?:[^{}]|\{\+?[a-z]\w*\}|\{[?&][a-z]\w*(?:,[a-z]\w*)*\})*$/;
const EXPRESSION = /\{([+?&]?)([^}]*)\}/g;

/**
 * The profile in a hub's answer.
 * @param {any} answer the JSON document of `/hub/api/` or `/versions`
 * @returns {HubProfile | null} null when it holds none that names the hub and a way to launch
 */
export function readProfile(answer) {
  const profile = answer?.hub_profile;
  if (profile?.format !== 1) return null;
  const launch = list(profile.launch).map(readWay).filter((way) => way !== null);
  const name = text(profile.name);
  if (!launch.length || !name) return null;
  return {
    format: 1,
    name,
    logo: place(profile.logo),
    software: { name: text(profile.software?.name), version: text(profile.software?.version) },
    login: profile.login !== false,
    sessions: profile.sessions === "temporary" ? "temporary" : "kept",
    launch,
  };
}

/**
 * The launch link of a way.
 * @param {LaunchWay} way
 * @param {string} hub
 * @param {Record<string, string | null | undefined>} variables `spec` is encoded, no other is
 * @throws {HubroamError} `invalid-link`: it would leave the hub
 */
export function expand({ url_template }, hub, variables) {
  const path = url_template.replace(EXPRESSION, (_, operator, /** @type {string} */ names) => {
    const given = names.split(",").filter((name) => variables[name]);
    const values = given.map((name) => {
      const value = variables[name] ?? "";
      if (operator === "+") return encodeUrl(value);
      return operator ? `${name}=${encodePart(value)}` : encodePart(value);
    });
    if (operator !== "?" && operator !== "&") return values.join(",");
    return values.length ? operator + values.join("&") : "";
  });
  return hubBase(hub) + below(path);
}

/**
 * @param {any} way
 * @returns {LaunchWay | null}
 */
function readWay(way) {
  const { kind, url_template } = way ?? {};
  const needed = Object.hasOwn(NEEDED, kind) && NEEDED[kind];
  if (!needed || typeof url_template !== "string" || !TEMPLATE.test(url_template)) return null;
  const names = [...url_template.matchAll(EXPRESSION)].flatMap((found) => (found[2] ?? "").split(","));
  if (!needed.every((name) => names.includes(name))) return null;
  if (place(url_template.replace(EXPRESSION, "x")) === null) return null;
  const [providers, recipes] = [way.providers, way.recipes].map((each) =>
    list(each).map(text).filter(Boolean),
  );
  return {
    kind,
    url_template,
    ...(providers?.length && { providers }),
    ...(recipes?.length && { recipes }),
  };
}

/**
 * @param {any} value
 * @returns {any[]}
 */
function list(value) {
  return Array.isArray(value) ? value.slice(0, 50) : [];
}

/**
 * A short text that can be shown; empty when it is none.
 * @param {unknown} value
 */
function text(value) {
  if (typeof value !== "string" || [...value].length > 100) return "";
  try {
    checkText(value, "invalid-link", true);
  } catch {
    return "";
  }
  return value.trim();
}

/**
 * A path below the hub: a logo elsewhere would tell that place who reads.
 * @param {unknown} value
 */
function place(value) {
  if (typeof value !== "string" || !value || value.startsWith("/")) return null;
  try {
    return below(value);
  } catch {
    return null;
  }
}
