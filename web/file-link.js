/**
 * Links of published pages into repositories, as in `src/hubroam/book/filelink.py`: to edit a file,
 * to see it, to open it elsewhere.
 */
import { HubroamError } from "./errors.js";
import { contentPath } from "./links.js";
import { makeSpec, PROVIDERS } from "./spec.js";

/** @import { BinderSpec, FileLink } from "./types.js" */

const REF = "(?:refs/(?:heads|tags)/)?(?<ref>[^/]+)/(?<path>.+)";
/**
 * Each names provider, repository, ref and path; in a ref with slashes the first part counts.
 * @type {[string, RegExp][]}
 */
const FILES = [
  ["gh", `https?://(?:www\\.)?github\\.com/(?<repo>[^/]+/[^/]+)/(?<verb>edit|blob|raw)/${REF}`],
  ["gh", `https?://raw\\.githubusercontent\\.com/(?<repo>[^/]+/[^/]+)/${REF}`],
  ["gh", `https?://[^/]+/(?:[^/]+/)*(?<verb>github)/(?<repo>[^/]+/[^/]+)/blob/${REF}`],
  ["gl", `https?://gitlab\\.com/(?<repo>[^/]+(?:/[^/]+)+)/-/(?<verb>edit|blob|raw)/${REF}`],
  ["git", `(?<repo>https?://[^/]+/[^/]+(?:/[^/]+)+)/-/(?<verb>edit|blob|raw)/${REF}`],
  ["git", "(?<repo>https?://[^/]+/[^/]+/[^/]+)/(?:src|raw)/(?:branch|tag|commit)/(?<ref>[^/]+)/(?<path>.+)"],
  ["git", "(?<repo>https?://[^/]+/[^/]+/[^/]+)/(?<verb>_edit)/(?<ref>[^/]+)/(?<path>.+)"],
  ["git", "(?<repo>https?://bitbucket\\.org/[^/]+/[^/]+)/src/(?<ref>[^/]+)/(?<path>.+)"],
].map(([provider = "", pattern]) => [provider, new RegExp(`^${pattern}$`)]);
const REST = "(?:/(?:-/)?(?:issues|tree/(?<ref>[^/]+))(?:/.*)?)?/?";
/** @type {[string, RegExp][]} */
const REPOSITORIES = [
  ["gh", `https?://(?:www\\.)?github\\.com/(?<repo>[^/]+/[^/]+?)(?:\\.git)?${REST}`],
  ["gl", `https?://gitlab\\.com/(?<repo>[^/]+(?:/(?!-/)[^/]+)+?)(?:\\.git)?${REST}`],
  ["git", `(?<repo>https?://(?:codeberg|bitbucket)\\.org/[^/]+/[^/]+?)${REST}`],
  ["git", "(?<repo>https?://[^/]+/[^/]+(?:/[^/]+)+)/-/(?:issues|tree/(?<ref>[^/]+))(?:/.*)?"],
].map(([provider = "", pattern]) => [provider, new RegExp(`^${pattern}$`)]);
/** Pages of GitHub's own that look like repositories. */
const NO_USERS = ["about", "apps", "features", "marketplace", "orgs", "settings", "sponsors", "topics"];

/**
 * Read a link to a file of a repository; null for any other, and for what may not be.
 * @param {string} url
 * @returns {FileLink | null}
 */
export function readFileLink(url) {
  const [provider, found] = firstOf(FILES, url);
  if (!found) return null;
  const { repo = "", ref = "", path = "", verb = "" } = found;
  const said = verb.includes("edit") ? "edit" : verb === "github" ? "open" : "view";
  return unlessRefused(() => ({
    spec: makeSpec(provider, decodeURIComponent(repo), decodeURIComponent(ref)),
    path: contentPath(decodeURIComponent(path)),
    verb: said,
  }));
}

/**
 * Read a link to a repository, to its issues or to a tree of it; null for any other.
 * @param {string} url
 * @returns {BinderSpec | null}
 */
export function readRepositoryLink(url) {
  const [provider, found] = firstOf(REPOSITORIES, url);
  const { repo = "", ref } = found ?? {};
  if (!repo || (provider === "gh" && NO_USERS.includes(repo.split("/")[0] ?? ""))) return null;
  const named = ref || (PROVIDERS.get(provider)?.ref ?? "");
  return unlessRefused(() => makeSpec(provider, decodeURIComponent(repo), decodeURIComponent(named)));
}

/**
 * A repository, to compare: forges do not tell capital letters.
 * @param {BinderSpec} spec
 */
export const repositoryName = ({ provider, repository }) =>
  `${provider}/${repository.replace(/\.git$/, "").toLowerCase()}`;

/**
 * What a reading gives; null where it refuses.
 * @template T
 * @param {() => T} read
 * @returns {T | null}
 */
export function unlessRefused(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof HubroamError || error instanceof URIError) return null;
    throw error;
  }
}

/**
 * @param {[string, RegExp][]} patterns
 * @param {string} url
 * @returns {[string, Record<string, string | undefined> | null]}
 */
function firstOf(patterns, url) {
  const address = url.replace(/[?#].*/s, "");
  for (const [provider, pattern] of patterns) {
    const found = pattern.exec(address)?.groups;
    if (found) return [provider, found];
  }
  return ["", null];
}
