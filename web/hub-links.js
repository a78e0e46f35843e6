/**
 * Launch links for a hub of a known kind, as in `src/hubroam/links.py`.  The launch control makes
 * its links from what a hub says of itself (`launching.js`) and does not load this module.
 */
import { encodePart } from "./addresses.js";
import { below, contentPath, gitPullQuery, gitpullerLink, hubBase } from "./links.js";
import { formatSpec } from "./spec.js";

/**
 * @import { BinderSpec, SessionPlace } from "./types.js"
 */

/**
 * The link that builds and launches a spec on a BinderHub.
 * @param {string} hub
 * @param {BinderSpec} spec
 * @param {SessionPlace} [place]
 */
export function binderhubLink(hub, spec, { urlpath, labpath, filepath } = {}) {
  const link = `${hubBase(hub)}v2/${formatSpec(spec)}`;
  if (labpath) return `${link}?labpath=${encodePart(contentPath(labpath))}`;
  if (filepath) return `${link}?filepath=${encodePart(contentPath(filepath))}`;
  return urlpath ? `${link}?urlpath=${encodePart(below(urlpath))}` : link;
}

/**
 * The link that opens a spec's content, in the hub's own environment, on a JupyterHub that has no
 * Binder service.  A commit opens at the default branch: nbgitpuller pulls branches only.
 * @param {string} hub
 * @param {BinderSpec} spec
 * @param {SessionPlace} [place]
 */
export function jupyterhubLink(hub, spec, place) {
  const { repo, branch, urlpath } = gitPullQuery(spec, place);
  return gitpullerLink(hub, { repo_url: repo, branch, urlpath });
}
