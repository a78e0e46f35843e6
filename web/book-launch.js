/**
 * What a book and its pages say of their launches, and what a page then shows, as in
 * `src/hubroam/book/launch.py`; `protocol/book-launch.json` holds what both must do.
 */
import { checkText } from "./addresses.js";
import { HubroamError } from "./errors.js";
import { formatLaunchLink } from "./launch-link.js";
import { below, contentPath, hubBase } from "./links.js";
import { readRepository } from "./repository.js";

/** @import { LaunchSettings, PageLaunch } from "./types.js" */

const BAD_SETTINGS = "invalid-launch-settings";
/** Where links lead that nothing else was said of: the public BinderHub. */
const PUBLIC_BINDER = "https://mybinder.org/";
const REPOSITORY_SETTINGS = ["repo", "provider", "ref"];
export const SETTINGS = [
  ...REPOSITORY_SETTINGS,
  "path",
  "urlpath",
  "environment",
  "hubs",
  "binder",
  "roam",
  "label",
  "live", // of pages in HTML: MyST's own theme has live cells of its own
];

/**
 * Read what stands under `launch:`.
 * @param {unknown} value a boolean, nothing, or an object of settings; from a stranger
 * @returns {LaunchSettings}
 * @throws {HubroamError} `invalid-launch-settings`
 */
export function readSettings(value) {
  if (value === null || value === undefined) return {};
  if (typeof value === "boolean") return { launch: value };
  return known(value, SETTINGS, "launch is neither true, false nor a mapping of settings.");
}

/**
 * The settings of a page, and where they say nothing those of the book.
 *
 * A repository that is named brings its own ref and path: the other's are of another.
 * @param {LaunchSettings} own
 * @param {LaunchSettings} other
 * @returns {LaunchSettings}
 */
export function settingsOver(own, other) {
  const { provider, ref, path, urlpath, ...rest } = other;
  const places = own.path || own.urlpath ? {} : { path, urlpath };
  const inherited = own.repo ? rest : { ...rest, provider, ref, ...places };
  const said = [...Object.entries(inherited), ...Object.entries(own)];
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

/**
 * What a page with these settings shows; null where it shows nothing.
 * @param {LaunchSettings} settings
 * @returns {PageLaunch | null}
 * @throws {HubroamError} `invalid-launch-settings`
 */
export function pageLaunch(settings) {
  if (settings.launch === false) return null;
  if (!settings.repo) {
    throw badSettings(
      "Nothing says which repository the book is in.",
      "Name it: launch: {repo: user/repo}.",
    );
  }
  try {
    return shown(settings);
  } catch (error) {
    if (!(error instanceof HubroamError)) throw error;
    throw badSettings(error.message, error.next_step);
  }
}

/**
 * @param {LaunchSettings} settings
 * @returns {PageLaunch}
 */
function shown({ repo, provider, ref, environment, hubs = [], label, ...given }) {
  const content = readRepository(repo, provider, ref);
  const env = environment?.repo
    ? readRepository(environment.repo, environment.provider, environment.ref)
    : undefined;
  const env_path = environment?.path && contentPath(environment.path);
  const path = given.path && contentPath(given.path);
  const urlpath = given.urlpath && below(given.urlpath);
  const attributes = {
    provider: content.provider,
    repo: content.repository,
    ref: content.ref,
    path,
    urlpath,
    "env-provider": env?.provider,
    "env-repo": env?.repository,
    "env-ref": env?.ref,
    "env-path": env_path,
    hubs: hubs.map(hubBase).join(" "),
    label,
  };
  const place = path ? { labpath: path } : { urlpath };
  const link = formatLaunchLink({
    hub: hubBase(given.binder || PUBLIC_BINDER),
    kind: "binder",
    spec: env ?? content,
    ...(env && { content }),
    ...place,
    env_path,
  });
  return {
    attributes: /** @type {Record<string, string>} */ (
      Object.fromEntries(Object.entries(attributes).filter(([, value]) => value))
    ),
    link: given.roam ? `${roamPage(given.roam)}#${link.slice(link.indexOf("/v2/") + 4)}` : link,
  };
}

/**
 * Where a roam page is: a hub's root or its `/roam`, a folder `…/roam/` or a file `….html`.
 * @param {string} page
 */
function roamPage(page) {
  let base = hubBase(page);
  if (base.endsWith(".html/") || !page.endsWith("/")) base = base.replace(/\/+$/, "");
  return /\/(?:roam\/?|[^/]+\.html)$/.test(base) ? base : `${base.replace(/\/+$/, "")}/roam`;
}

/**
 * The settings of an object, each checked by its name.
 * @param {unknown} value
 * @param {string[]} names
 * @param {string} otherwise what is wrong when it is no object
 * @returns {LaunchSettings}
 */
function known(value, names, otherwise) {
  if (typeof value !== "object" || !value || Array.isArray(value)) throw badSettings(otherwise);
  /** @type {Record<string, unknown>} */
  const settings = {};
  for (const [name, given] of Object.entries(value)) {
    if (!names.includes(name)) {
      throw badSettings(
        `launch has no setting ‘${name.slice(0, 40)}’; it has ${names.join(", ")}.`,
      );
    }
    if (given === null || given === undefined) continue;
    if (name === "environment") settings[name] = environmentOf(given);
    else if (name === "hubs") settings[name] = hubsOf(given);
    else settings[name] = word(name, given);
  }
  return settings;
}

/** @param {unknown} value */
function environmentOf(value) {
  if (typeof value === "string") return { repo: word("environment", value) };
  const names = [...REPOSITORY_SETTINGS, "path"];
  const settings = known(value, names, "launch.environment is no repository.");
  if (!settings.repo && (!settings.path || settings.provider || settings.ref)) {
    throw badSettings("launch.environment names no repo.");
  }
  return settings;
}

/** @param {unknown} value */
function hubsOf(value) {
  const hubs = typeof value === "string" ? value.split(/\s+/).filter(Boolean) : value;
  if (!Array.isArray(hubs)) throw badSettings("launch.hubs is not a list of addresses.");
  return hubs.map((hub) => word("hubs", hub));
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function word(name, value) {
  // YAML reads a ref such as 1.0 or 2024 as a number; what the author wrote is lost then
  if (typeof value !== "string") {
    const hint = /^(?:number|boolean)$/.test(typeof value) ? " Put it into quotes." : "";
    throw badSettings(`launch.${name} is not a text.${hint}`);
  }
  try {
    checkText(value, "invalid-link", true);
  } catch (error) {
    throw badSettings(`launch.${name}: ${/** @type {Error} */ (error).message}`);
  }
  if (!value.trim()) throw badSettings(`launch.${name} is empty.`);
  return value.trim();
}

/**
 * @param {string} message
 * @param {string} [next]
 */
export function badSettings(message, next = "See “launch settings” in hubroam's documentation.") {
  return new HubroamError(BAD_SETTINGS, message, next);
}
