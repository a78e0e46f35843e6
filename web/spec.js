/** The Binder spec, as in `src/hubroam/spec.py`; `protocol/specs.json` holds what both must do. */
import {
  checkCloneUrl,
  checkHost,
  checkPath,
  checkRef,
  checkText,
  encodePart,
  encodePath,
  splitUrl,
} from "./addresses.js";
import { HubroamError } from "./errors.js";

/**
 * @import { BinderSpec, Provider } from "./types.js"
 */

const BAD_SPEC = "invalid-spec";

/**
 * A rule for names: `.git` is dropped, the pattern must fit.
 * @param {string} form for people
 * @param {RegExp} pattern
 * @returns {Provider["rule"]}
 */
function nameRule(form, pattern) {
  return (repository) => {
    const name = repository.replace(/\.git$/, "");
    if (!pattern.test(name) || name.split("/").some((part) => /^\.{0,2}$/.test(part))) {
      throw new HubroamError(
        BAD_SPEC,
        `It is not of the form ${form}.`,
        "Check its spelling.",
      );
    }
    return name;
  };
}

/**
 * A rule for records of an archive: an id, or the address of the record's page.
 * @type {Provider["rule"]}
 */
function recordRule(repository) {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(repository)) return repository;
  const parts = splitUrl(repository);
  if (!parts || !/^https?$/.test(parts.scheme) || repository.includes("#")) {
    throw new HubroamError(BAD_SPEC, "It is no web address.", "Copy it from its page.");
  }
  checkHost(parts, BAD_SPEC);
  checkPath(parts.path.replace(/\?.*/, ""), BAD_SPEC);
  return repository;
}

const githubRule = nameRule(
  "user/repo",
  /^[A-Za-z0-9][A-Za-z0-9_.-]*\/[A-Za-z0-9_.][A-Za-z0-9_.-]*$/,
);
const gitlabRule = nameRule(
  "group/project",
  /^[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_.][A-Za-z0-9_.-]*)+$/,
);
const gistRule = nameRule("user/id", /^[A-Za-z0-9][A-Za-z0-9_.-]*\/[A-Fa-f0-9]{1,64}$/);
const doiRule = nameRule(
  "10.<number>/<name>",
  /^10\.[0-9]{4,9}\/[A-Za-z0-9][-._;()/:A-Za-z0-9]*$/,
);

/** Every provider that Binder names, by its prefix in a spec. */
export const PROVIDERS = /** @type {ReadonlyMap<string, Provider>} */ (
  new Map(
    Object.entries({
      gh: { encode: false, ref: "HEAD", rule: githubRule },
      gl: { encode: true, ref: "HEAD", rule: gitlabRule },
      gist: { encode: false, ref: "", rule: gistRule },
      git: {
        encode: true,
        ref: "HEAD",
        rule: (/** @type {string} */ url) => checkCloneUrl(url, BAD_SPEC),
      },
      zenodo: { encode: false, ref: null, rule: doiRule },
      figshare: { encode: false, ref: null, rule: doiRule },
      dataverse: { encode: false, ref: null, rule: doiRule },
      hydroshare: { encode: true, ref: null, rule: recordRule },
      ckan: { encode: true, ref: null, rule: recordRule },
      swhid: {
        encode: false,
        ref: null,
        rule: nameRule("swh:1:dir:<hash>", /^swh:1:(dir|rev):[0-9a-f]{40}$/),
      },
    }),
  )
);

/** @param {string} prefix */
function providerOf(prefix) {
  const provider = PROVIDERS.get(prefix);
  if (provider) return provider;
  throw new HubroamError(
    "unknown-provider",
    "Binder knows no such provider.",
    `Use one of ${[...PROVIDERS.keys()].join(", ")}.`,
  );
}

/**
 * Check a spec's parts, which are not encoded.
 * @param {string} prefix the provider
 * @param {string} repository
 * @param {string} [ref]
 * @returns {BinderSpec}
 * @throws {HubroamError} `unknown-provider` or `invalid-spec`
 */
export function makeSpec(prefix, repository, ref = "") {
  const provider = providerOf(prefix);
  checkText(repository, BAD_SPEC);
  const spec = Object.freeze({ provider: prefix, repository: provider.rule(repository), ref });
  if (ref && provider.ref === null) {
    throw new HubroamError(BAD_SPEC, `A ${prefix} spec has no ref.`, "Leave the ref out.");
  }
  if (ref) {
    checkRef(ref, BAD_SPEC);
  } else if (provider.ref) {
    throw new HubroamError(
      BAD_SPEC,
      `The ${prefix} spec names no ref.`,
      "Add a branch, tag or commit, such as /HEAD.",
    );
  }
  checkText(formatSpec(spec), BAD_SPEC);
  return spec;
}

/**
 * Read a spec as it stands in a launch link, percent-encoding still in it.
 * @param {string} text `<provider>/<raw>`; one slash at the end is ignored
 * @throws {HubroamError} `unknown-provider` or `invalid-spec`
 */
export function parseSpec(text) {
  checkText(text, BAD_SPEC);
  const [prefix = "", ...parts] = text.replace(/\/$/, "").split("/");
  let size = 2;
  if (providerOf(prefix).ref === null) size = parts.length;
  // A GitLab namespace may be nested, so it is one encoded part; Jupyter Book 2 does not encode.
  else if (prefix === "git" || (prefix === "gl" && /%2f/i.test(parts[0] ?? ""))) size = 1;
  const [repository = "", ref] = [parts.slice(0, size), parts.slice(size)].map((some) =>
    decode(some.join("/")),
  );
  return makeSpec(prefix, repository, ref);
}

/**
 * The canonical text of a spec, as it stands in a launch link: `<provider>/<raw>`.
 * @param {BinderSpec} spec
 */
export function formatSpec({ provider, repository, ref }) {
  const encoded = (providerOf(provider).encode ? encodePart : encodePath)(repository);
  return `${provider}/${encoded}${ref ? `/${encodePath(ref)}` : ""}`;
}

/**
 * Undo percent-encoding once.
 * @param {string} text
 */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HubroamError(BAD_SPEC, "Its percent-encoding is broken.", "Write % as %25.");
  }
}
