/** Which repository an author names, as in `src/hubroam/book/repository.py`. */
import { splitUrl } from "./addresses.js";
import { HubroamError } from "./errors.js";
import { parseLaunchLink } from "./launch-link.js";
import { makeSpec, parseSpec, PROVIDERS } from "./spec.js";

/** @import { BinderSpec } from "./types.js" */

const NO_REPOSITORY = "invalid-spec";
const OWN_FORGES = ["github.com", "gitlab.com", "gist.github.com"];
/** `git@host:path` and `ssh://git@host/path`, as people who may push have their repositories. */
const PUSH_ADDRESS = /^(?:ssh:\/\/)?[^@/\s]+@([\w.-]+)(?::\d+)?[:/](.+)$/;
/** @type {[string, RegExp][]} */
const PAGES = [
  [
    "gh",
    /^https?:\/\/(?:www\.)?github\.com\/([^/\s]+\/[^/\s]+?)(?:\.git)?(?:\/(?:tree|blob|commit)\/([^/\s]+)(?:\/.*)?)?\/?$/,
  ],
  [
    "gl",
    /^https?:\/\/gitlab\.com\/([^/\s]+(?:\/[^/\s-][^/\s]*)+?)(?:\.git)?(?:\/-\/(?:tree|blob|commit)\/([^/\s]+)(?:\/.*)?)?\/?$/,
  ],
  [
    "gist",
    /^https?:\/\/gist\.github\.com\/([^/\s]+\/[0-9A-Fa-f]+)(?:\.git)?(?:\/([0-9a-f]{7,40}))?\/?$/,
  ],
  ["hydroshare", /^https?:\/\/(?:www\.)?hydroshare\.org\/resource\/([0-9a-f]{32})\/?$/],
];
/** @type {[string, RegExp][]} */
const ARCHIVES = [
  ["zenodo", /^10\.\d+\/zenodo\./i],
  ["figshare", /^10\.\d+\/(?:m9\.)?figshare\./i],
  ["dataverse", /^10\.7910\/DVN\//i],
];

/**
 * The Binder spec of a repository that an author names.
 * @param {string | undefined} repo `user/repo`, a web address, a clone URL, a DOI or a Binder spec
 * @param {string} [provider] the prefix of a Binder provider, where `repo` does not tell it
 * @param {string} [ref] a branch, tag or commit, where `repo` does not tell it
 * @returns {BinderSpec}
 * @throws {HubroamError} `unknown-provider`, `invalid-spec` or `invalid-link`
 */
export function readRepository(repo, provider, ref) {
  const text = publicAddress((repo ?? "").trim());
  if (!text) throw new HubroamError(NO_REPOSITORY, "No repository is named.", "Write it as user/repo.");
  if (provider) return makeSpec(provider, text, ref || (PROVIDERS.get(provider)?.ref ?? ""));
  const doi = /^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:)?(10\.\d+\/.+)$/i.exec(text)?.[1];
  const spec = doi ? archived(doi) : named(text);
  return ref ? makeSpec(spec.provider, spec.repository, ref) : spec;
}

/** @param {string} text */
function named(text) {
  if (/^https?:\/\//i.test(text)) return fromPage(text);
  if (splitUrl(text) || /^[^@/\s]+@[^/\s]+:/.test(text)) return makeSpec("git", text, "HEAD");
  if (text.split("/").length === 2) return makeSpec("gh", text, "HEAD");
  try {
    return parseSpec(text);
  } catch (error) {
    const ref = PROVIDERS.get(text.split("/")[0] ?? "")?.ref;
    if (!ref) throw error;
    return parseSpec(`${text}/${ref}`);
  }
}

/**
 * The repository of its page on a forge, of a launch link, or of an address to clone from.
 * @param {string} text
 */
function fromPage(text) {
  const page = text.replace(/[?#].*/, "");
  for (const [provider, pattern] of PAGES) {
    const [, repo, ref] = pattern.exec(page) ?? [];
    if (repo) return makeSpec(provider, repo, ref || (PROVIDERS.get(provider)?.ref ?? ""));
  }
  if (OWN_FORGES.includes(splitUrl(page)?.host.toLowerCase().replace(/^www\./, "") ?? "")) {
    throw new HubroamError(
      NO_REPOSITORY,
      "This page is not a repository.",
      "Give the address of the repository's first page.",
    );
  }
  const launched = /\/v2\//.test(page) ? parseLaunchLink(text).spec : null;
  return launched ?? makeSpec("git", text, "HEAD");
}

/** @param {string} doi */
function archived(doi) {
  const [owner] = ARCHIVES.find(([, pattern]) => pattern.test(doi)) ?? [];
  if (owner) return makeSpec(owner, doi);
  throw new HubroamError(
    NO_REPOSITORY,
    "The DOI does not say which archive holds it.",
    `Put the archive before it: ${ARCHIVES.map(([archive]) => `${archive}/…`).join(", ")}.`,
  );
}

/**
 * An address that everybody can read, of one by which those who may push reach it.
 * @param {string} text
 */
function publicAddress(text) {
  const [, host = "", path = ""] = PUSH_ADDRESS.exec(text) ?? [];
  if (OWN_FORGES.includes(host)) return `https://${host}/${path.replace(/^\/+/, "")}`;
  return text.replace(/^(https?:\/\/)[^/@]*@/, "$1");
}
