/**
 * Launch links for a hub of a known kind, as in `src/hubroam/links.py`.  The launch control makes
 * its links from what a hub says of itself (`launching.js`) and does not load this module.
 */
import { checkCloneUrl, checkRef, encodePart } from "./addresses.js";
import { below, contentPath, gitPullQuery, hubBase } from "./links.js";
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
export function binderhubLink(hub, spec, { urlpath, labpath, filepath, env_path } = {}) {
  /** @type {Record<string, string>} */
  const values = {};
  if (labpath) values.labpath = contentPath(labpath);
  else if (filepath) values.filepath = contentPath(filepath);
  else if (urlpath) values.urlpath = below(urlpath);
  const folder = contentPath(env_path ?? "");
  if (folder) values.envpath = folder;
  const query = Object.entries(values)
    .map(([name, value]) => `${name}=${encodePart(value)}`)
    .join("&");
  return `${hubBase(hub)}v2/${formatSpec(spec)}${query && `?${query}`}`;
}

/**
 * The link that pulls a repository into the reader's own server on a JupyterHub with nbgitpuller.
 * @param {string} hub
 * @param {object} content
 * @param {string} content.repo_url where to clone from
 * @param {string | null} [content.branch] a branch or tag; nbgitpuller refuses commits
 * @param {string | null} [content.urlpath] where to go afterwards
 */
export function gitpullerLink(hub, { repo_url, branch, urlpath }) {
  let query = `repo=${encodePart(checkCloneUrl(repo_url, "invalid-link"))}`;
  if (branch) {
    checkRef(branch, "invalid-link");
    query += `&branch=${encodePart(branch)}`;
  }
  if (urlpath) query += `&urlpath=${encodePart(below(urlpath))}`;
  return `${hubBase(hub)}hub/user-redirect/git-pull?${query}`;
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
