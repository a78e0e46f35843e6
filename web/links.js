/**
 * Launch links, as in `src/hubroam/links.py`; `protocol/links.json` holds what both must do.
 * Each function returns a URL that stays below its base, or throws `invalid-link`.
 */
import {
  checkHost,
  checkPath,
  checkText,
  encodePart,
  encodePath,
  encodeUrl,
  leaves,
  splitUrl,
} from "./addresses.js";
import { HubroamError } from "./errors.js";

/**
 * @import { BinderSpec, SessionPlace } from "./types.js"
 */

const BAD_LINK = "invalid-link";
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** @type {Readonly<Record<string, string>>} */
const FORGES = {
  gh: "https://github.com/",
  gl: "https://gitlab.com/",
  gist: "https://gist.github.com/",
  git: "",
};

/**
 * Check a base URL, and write it with one slash at the end.
 * @param {string} hub the hub's root, or where its Binder service is
 */
export function hubBase(hub) {
  checkText(hub, BAD_LINK);
  const parts = splitUrl(hub);
  if (!parts || !/^https?$/.test(parts.scheme)) {
    throw new HubroamError(
      BAD_LINK,
      "This is not the address of a website.",
      "Paste the address of your hub, such as https://hub.example.org.",
    );
  }
  checkHost(parts, BAD_LINK);
  if (/[?#]/.test(parts.path)) {
    throw new HubroamError(
      BAD_LINK,
      "The hub's address has a query or a fragment.",
      "Leave out what follows ? or #.",
    );
  }
  checkPath(parts.path, BAD_LINK);
  const port = parts.port ? `:${parts.port}` : "";
  const path = encodeUrl(parts.path.replace(/\/+$/, ""));
  return `${parts.scheme}://${parts.host.toLowerCase()}${port}${path}/`;
}

/**
 * What nbgitpuller is told to open a spec's content; `urlpath` is encoded as in a URL.
 * @param {BinderSpec} spec
 * @param {SessionPlace} [place]
 */
export function gitPullQuery(spec, { urlpath, labpath, filepath } = {}) {
  const forge = FORGES[spec.provider];
  if (forge === undefined) {
    throw new HubroamError(
      BAD_LINK,
      "A record of an archive cannot be opened on a JupyterHub without Binder.",
      "Launch it on a BinderHub.",
    );
  }
  const repo = forge + spec.repository;
  const folder = encodePart(repositoryFolder(repo));
  if (labpath) urlpath = `lab/tree/${folder}/${encodePath(contentPath(labpath))}`;
  else if (filepath) urlpath = `tree/${folder}/${encodePath(contentPath(filepath))}`;
  const branch = spec.ref === "HEAD" || isCommit(spec) ? null : spec.ref;
  return { repo, branch, urlpath: below(urlpath || `lab/tree/${folder}`) };
}

/** @param {BinderSpec} spec */
export const isCommit = ({ ref }) => COMMIT.test(ref);

/**
 * The folder that nbgitpuller clones into.
 * @param {string} repo
 */
export const repositoryFolder = (repo) => repo.replace(/\/+$/, "").split("/").at(-1) ?? "";

/**
 * A file's path in the repository, without the slashes around it; not encoded.
 * @param {string} path
 */
export function contentPath(path) {
  checkText(path, BAD_LINK, true);
  path = path.replace(/^\//, "").replace(/\/$/, "");
  if (path.includes("\\") || path.startsWith("/") || path.split("/").includes("..")) {
    throw leaves(BAD_LINK);
  }
  return path;
}

/**
 * A relative URL that resolves below any base; encoded where it was not.
 * @param {string} urlpath
 */
export function below(urlpath) {
  checkText(urlpath, BAD_LINK, true);
  urlpath = urlpath.replace(/^\//, "");
  checkPath(urlpath.replace(/[?#].*/, ""), BAD_LINK);
  if (urlpath.startsWith("/") || /^[^/?#]*:/.test(urlpath) || urlpath.includes("\\")) {
    throw leaves(BAD_LINK);
  }
  return encodeUrl(urlpath);
}
