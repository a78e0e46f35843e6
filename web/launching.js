/** The link that launches a spec on a hub, by the way that the hub says is best. */
import { encodePart } from "./addresses.js";
import { HubroamError } from "./errors.js";
import { WAYS } from "./inquiry.js";
import { below, contentPath, gitPullQuery, isCommit } from "./links.js";
import { expand } from "./profile.js";
import { formatSpec } from "./spec.js";

/**
 * @import { BinderSpec, Hub, LaunchWay, SessionPlace } from "./types.js"
 */

/** Any base, to make a link that is relative to one. */
const BASE = "http://x/";

/**
 * @param {Hub} hub
 * @param {BinderSpec} spec the repository of the environment
 * @param {SessionPlace} [place]
 * @param {BinderSpec | null} [content] the repository of the content, where it is another
 * @throws {HubroamError} the hub does not serve the spec's provider, or the path is refused
 */
export function launchUrl(hub, spec, place = {}, content = null) {
  if (hub.kind === "handler") return `web+binder:${formatSpec(spec)}${query(binderPlace(place, content))}`;
  const way = wayFor(hub, spec);
  if (way.kind === "content") {
    return expand(way, hub.url, { path: contentPath(place.labpath ?? place.filepath ?? "") });
  }
  if (way.kind === "git-pull") return expand(way, hub.url, gitPullQuery(content ?? spec, place));
  const { provider } = spec;
  const raw = formatSpec(spec).slice(provider.length + 1);
  return expand(way, hub.url, { provider, spec: raw, ...binderPlace(place, content) });
}

/**
 * The best way of a hub that serves a spec.
 * @param {Hub} hub
 * @param {BinderSpec} spec
 * @returns {LaunchWay}
 */
export function wayFor({ launch }, { provider }) {
  const way = launch.find(({ providers }) => !providers || providers.includes(provider));
  if (way) return way;
  throw new HubroamError(
    "provider-not-served",
    "This hub does not open this kind of repository ({provider}).",
    "Choose another hub.",
    { provider },
  );
}

/**
 * What a hub opens otherwise than it is asked for, in sentences: nbgitpuller opens the newest commit
 * only, and not every hub knows of recipes in folders.
 * @param {Hub} hub
 * @param {BinderSpec} spec
 * @param {SessionPlace} place
 * @param {BinderSpec | null} content
 */
export function otherwise(hub, spec, { env_path }, content) {
  const way = hub.kind === "handler" ? null : wayFor(hub, spec);
  const newest = (content || way?.kind === "git-pull") && isCommit(content ?? spec);
  const misses = env_path && way?.kind === "binder" && !way.url_template.includes("envpath");
  return [
    ...(misses ? ["It uses another recipe than this page."] : []),
    ...(newest ? ["It opens the newest version, not the one of this page."] : []),
  ];
}

/**
 * BinderHub's parameters: of the three places the one that counts; and the recipe's folder, ours.
 * @param {SessionPlace} place
 * @param {BinderSpec | null} content
 * @returns {Record<string, string>}
 */
function binderPlace({ labpath, filepath, urlpath, env_path }, content) {
  const envpath = env_path && { envpath: contentPath(env_path) };
  if (content) {
    const place = gitPullQuery(content, { labpath, filepath, urlpath });
    return { urlpath: expand(WAYS["jupyter-server"], BASE, place).slice(BASE.length), ...envpath };
  }
  if (labpath) return { labpath: contentPath(labpath), ...envpath };
  if (filepath) return { filepath: contentPath(filepath), ...envpath };
  return { ...(urlpath && { urlpath: below(urlpath) }), ...envpath };
}

/** @param {Record<string, string>} values */
function query(values) {
  const pairs = Object.entries(values).map(([name, value]) => `${name}=${encodePart(value)}`);
  return pairs.length ? `?${pairs.join("&")}` : "";
}
