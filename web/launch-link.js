/**
 * Launch links read back, as in `src/hubroam/launchlink.py`; `protocol/launch-links.json` holds
 * what both must do.  The launch control does not load this module.
 */
import { checkHost, checkText, encodePart, splitUrl } from "./addresses.js";
import { HubroamError } from "./errors.js";
import { binderhubLink, gitpullerLink } from "./hub-links.js";
import {
  below,
  contentPath,
  gitPullQuery,
  hubBase,
  repositoryFolder,
} from "./links.js";
import { makeSpec, parseSpec, PROVIDERS } from "./spec.js";

/**
 * @import { BinderSpec, LaunchLink } from "./types.js"
 */

const NO_LINK = "invalid-link";
const BINDER = new RegExp(`^(.*?/)v2/((?:${[...PROVIDERS.keys()].join("|")})/.+)$`);
const GIT_PULL = /^(.*?\/)(hub\/user-redirect\/)?git-pull$/;
const LITE = /^(.*?\/)lab(?:\/index\.html)?\/?$/;
/** @type {[string, RegExp][]} */
const CLONE_URLS = [
  ["gh", /^https?:\/\/(?:www\.)?github\.com\/([^/\s]+\/[^/\s]+?)(?:\.git)?\/?$/],
  ["gl", /^https?:\/\/gitlab\.com\/((?:[^/\s]+\/)+[^/\s]+?)(?:\.git)?\/?$/],
  ["gist", /^https?:\/\/gist\.github\.com\/([^/\s]+\/[0-9A-Fa-f]+)(?:\.git)?\/?$/],
];
const FILE = /^(lab\/tree|tree)\/([^/?#]+)(?:\/([^?#]+)?)?$/;

/**
 * Read a launch link of a BinderHub, a JupyterHub with nbgitpuller or a JupyterLite site.
 * @param {string} url
 * @returns {LaunchLink}
 * @throws {HubroamError} `invalid-link`, `invalid-spec`
 */
export function parseLaunchLink(url) {
  checkText(url, NO_LINK);
  const parts = splitUrl(url);
  if (!parts || !/^https?$/.test(parts.scheme)) throw noLaunchLink();
  checkHost(parts, NO_LINK);
  const [address = "", query = ""] = parts.path.replace(/#.*$/, "").split(/\?(.*)/s);
  const values = readQuery(query);
  const origin = url.slice(0, url.length - parts.path.length);
  let found = BINDER.exec(address);
  if (found) {
    const hub = hubBase(origin + found[1]);
    return { hub, kind: "binder", spec: parseSpec(found[2] ?? ""), ...readBinderPlace(values) };
  }
  found = GIT_PULL.exec(address);
  const repo = values.get("repo");
  if (found && repo) {
    const { content, ...place } = readPull(values, repo);
    const kind = found[2] ? "git-pull" : "server";
    return { hub: hubBase(origin + found[1]), kind, spec: content, ...place };
  }
  found = LITE.exec(address);
  if (!found) throw noLaunchLink();
  const path = values.get("path");
  return {
    hub: hubBase(origin + found[1]),
    kind: "content",
    spec: null,
    ...(path && { labpath: contentPath(path) }),
  };
}

/**
 * The link of what `parseLaunchLink` read.
 * @param {LaunchLink} link
 */
export function formatLaunchLink({ hub, kind, spec, content, ...place }) {
  if (kind === "content") {
    const path = contentPath(place.labpath ?? place.filepath ?? "");
    return `${hubBase(hub)}lab/index.html${path && `?path=${encodePart(path)}`}`;
  }
  if (!spec) throw noLaunchLink();
  if (kind === "binder" && !content) return binderhubLink(hub, spec, place);
  const { repo, branch, urlpath } = gitPullQuery(content ?? spec, place);
  const link = gitpullerLink(hub, { repo_url: repo, branch, urlpath });
  if (kind === "git-pull") return link;
  const onServer = link.replace("hub/user-redirect/git-pull?", "git-pull?");
  if (kind === "server") return onServer;
  return binderhubLink(hub, spec, {
    urlpath: onServer.slice(hubBase(hub).length),
    env_path: place.env_path,
  });
}

/** @param {Map<string, string>} values */
function readBinderPlace(values) {
  const [labpath, filepath] = [values.get("labpath"), values.get("filepath")];
  const folder = contentPath(values.get("envpath") ?? "");
  const recipe = folder ? { env_path: folder } : {};
  if (labpath) return { labpath: contentPath(labpath), ...recipe };
  if (filepath) return { filepath: contentPath(filepath), ...recipe };
  const urlpath = below(values.get("urlpath") ?? "");
  const [pull, query = ""] = urlpath.split(/\?(.*)/s);
  const inner = pull === "git-pull" ? readQuery(query) : new Map();
  const repo = inner.get("repo");
  if (repo) return { ...readPull(inner, repo), ...recipe };
  return urlpath ? { urlpath, ...recipe } : recipe;
}

/**
 * The repository and the place of a git-pull link.
 * @param {Map<string, string>} values
 * @param {string} repo
 * @returns {{content: BinderSpec, urlpath?: string, labpath?: string, filepath?: string}}
 */
function readPull(values, repo) {
  const ref = values.get("branch") || "HEAD";
  const [provider = "git", pattern] = CLONE_URLS.find(([, each]) => each.test(repo)) ?? [];
  const repository = pattern?.exec(repo)?.[1] ?? repo;
  const content = makeSpec(provider, repository, provider === "gist" && ref === "HEAD" ? "" : ref);
  const target = values.get("targetPath") || values.get("targetpath");
  const folder = (target || repositoryFolder(repo)).replace(/^\/+|\/+$/g, "");
  const urlpath = below(values.get("urlpath") ?? "");
  const [whole, app, first = "", path] = FILE.exec(urlpath) ?? [];
  if (!whole || decodeValue(first) !== folder) return urlpath ? { content, urlpath } : { content };
  if (!path) return app === "lab/tree" ? { content } : { content, urlpath };
  const file = contentPath(decodeValue(path));
  return app === "lab/tree" ? { content, labpath: file } : { content, filepath: file };
}

/**
 * A query's values; of a name that comes twice the first.
 * @param {string} query
 * @returns {Map<string, string>}
 */
function readQuery(query) {
  const pairs = query.split("&").filter((pair) => pair.includes("="));
  return new Map(
    pairs.reverse().map((pair) => {
      const [name = "", value = ""] = pair.replaceAll("+", " ").split(/=(.*)/s);
      return [decodeValue(name), decodeValue(value)];
    }),
  );
}

/** @param {string} text */
function decodeValue(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HubroamError(NO_LINK, "The percent-encoding is broken.", "Copy the link anew.");
  }
}

function noLaunchLink() {
  return new HubroamError(
    NO_LINK,
    "This is no launch link.",
    "Give a link of a BinderHub (…/v2/…), or of a JupyterHub (…/git-pull?repo=…).",
  );
}
