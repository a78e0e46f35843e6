/** The link that launches a spec on a hub, by the way that the hub says is best. */
import { encodePart } from "./addresses.js";
import { HubroamError } from "./errors.js";
import { below, contentPath, gitPullQuery, gitpullerLink, hubBase, isCommit } from "./links.js";
import { expand } from "./profile.js";
import { formatSpec } from "./spec.js";

/**
 * @import { BinderSpec, Hub, LaunchWay, SessionPlace } from "./types.js"
 */

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
 * Whether the content is a commit and comes by nbgitpuller, which opens the newest one.
 * @param {Hub} hub
 * @param {BinderSpec} spec
 * @param {BinderSpec | null} content
 */
export function opensNewest(hub, spec, content) {
  if (!isCommit(content ?? spec)) return false;
  return Boolean(content) || (hub.kind !== "handler" && wayFor(hub, spec).kind === "git-pull");
}

/**
 * BinderHub's parameters: of the three places the one that counts.
 * @param {SessionPlace} place
 * @param {BinderSpec | null} content
 * @returns {Record<string, string>}
 */
function binderPlace(place, content) {
  if (content) {
    const { repo, branch, urlpath } = gitPullQuery(content, place);
    const base = hubBase("http://x");
    const link = gitpullerLink(base, { repo_url: repo, branch, urlpath });
    return { urlpath: link.replace(`${base}hub/user-redirect/`, "") };
  }
  const { labpath, filepath, urlpath } = place;
  if (labpath) return { labpath: contentPath(labpath) };
  if (filepath) return { filepath: contentPath(filepath) };
  return urlpath ? { urlpath: below(urlpath) } : {};
}

/** @param {Record<string, string>} values */
function query(values) {
  const [pair] = Object.entries(values);
  return pair ? `?${pair[0]}=${encodePart(pair[1])}` : "";
}
