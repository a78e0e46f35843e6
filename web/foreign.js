/**
 * What a published page tells of the repository that it is from, as in
 * `src/hubroam/book/published.py`, which says where it looks and why;
 * `protocol/foreign-pages.json` holds what both must do.
 */
import { readFileLink, readRepositoryLink, repositoryName, unlessRefused } from "./file-link.js";
import { parseLaunchLink } from "./launch-link.js";
import { below, contentPath } from "./links.js";
import { readMystPage } from "./myst-site.js";
import { makeSpec, parseSpec, PROVIDERS } from "./spec.js";

/** @import { Ask, BinderSpec, FileLink, ForeignLaunch, LaunchLink } from "./types.js" */

const MOST_LINKS = 5000;
const LAUNCHES = /\/v2\/|git-pull\?/;
const UNIVERSAL = new RegExp(`^https?://[^#]*#/?((?:${[...PROVIDERS.keys()].join("|")})/.+)$`);
const IN_AN_APP = /^(?:lab\/tree|doc\/tree|notebooks|tree)\/([^?#]+\.ipynb)$/;
const MARKED = /\b(?:source|repository|repo|github|gitlab|code|issue)\b/i;
const TOOLS = ["executablebooks", "jupyter-book", "pradyunsg", "pydata", "quarto-dev", "readthedocs"];
const TEXTS = [".md", ".myst", ".qmd", ".rmd", ".py"];

/**
 * What a page says of its repository; null where it says nothing.
 * @param {Document} document
 * @param {string} url where the page is
 * @param {Ask} ask asks a URL of the page's origin for JSON; gives null where there is none
 * @returns {Promise<ForeignLaunch | null>}
 */
export async function readForeignPage(document, url, ask) {
  const page = [...document.querySelectorAll("hub-launch, meta, a, link")].slice(0, MOST_LINKS);
  const said = ownWords(page);
  if (said) return said;
  const own = ownFile(url, page.map((each) => readFileLink(urlOf(each))).filter((link) => link !== null));
  const repositories = repositoriesOf(page);
  const launch = launchOf(url, page, own ? [own.spec] : repositories, own);
  if (launch) return launch;
  const site = isMadeElsewhere(page) ? null : await readMystPage(url, ask);
  if (site) {
    const found = unlessRefused(() => placed({ spec: site.spec }, site.path, "myst-json"));
    return found && site.runs && found.labpath ? { ...found, lacks: [] } : found;
  }
  if (own) return placed({ spec: own.spec }, own.path, "file-link");
  const [spec] = repositories;
  if (!spec) return null;
  const several = new Set(repositories.map(repositoryName)).size > 1;
  return { spec, found_by: "repository-link", lacks: several ? ["path", "choice"] : ["path"] };
}

/**
 * What our own control or our own `<meta>` says.
 * @param {Element[]} page
 * @returns {ForeignLaunch | null}
 */
function ownWords(page) {
  for (const element of page) {
    if (element.localName !== "hub-launch") continue;
    const read = (/** @type {string} */ prefix) => {
      const [provider, repo, ref] = ["provider", "repo", "ref"].map((name) => element.getAttribute(prefix + name));
      return makeSpec(provider || "gh", repo ?? "", ref || (PROVIDERS.get(provider || "gh")?.ref ?? ""));
    };
    const found = unlessRefused(() =>
      saidOf(
        "hub-launch",
        read(""),
        element.getAttribute("env-repo") ? read("env-") : null,
        element.getAttribute("path"),
        element.getAttribute("urlpath"),
        element.getAttribute("env-path"),
      ),
    );
    if (found) return found;
  }
  const meta = (/** @type {string} */ name) =>
    page
      .find((each) => each.localName === "meta" && each.getAttribute("name") === `binder-${name}`)
      ?.getAttribute("content");
  const spec = meta("spec");
  if (!spec) return null;
  return unlessRefused(() => {
    const environment = meta("environment");
    return saidOf(
      "binder-spec",
      parseSpec(spec),
      environment ? parseSpec(environment) : null,
      meta("path"),
      meta("urlpath"),
      meta("environment-path"),
    );
  });
}

/**
 * @param {string} found_by
 * @param {BinderSpec} content
 * @param {BinderSpec | null} environment
 * @param {string | null | undefined} path
 * @param {string | null | undefined} urlpath
 * @param {string | null | undefined} env_path
 * @returns {ForeignLaunch}
 */
function saidOf(found_by, content, environment, path, urlpath, env_path) {
  const folder = contentPath(env_path ?? "");
  return {
    spec: environment ?? content,
    ...(environment && { content }),
    ...(path ? { labpath: contentPath(path) } : urlpath ? { urlpath: below(urlpath) } : {}),
    ...(folder && { env_path: folder }),
    found_by,
    lacks: path || urlpath ? [] : ["path"],
  };
}

/**
 * The page's launch link, of all that stand on it.
 * @param {string} url
 * @param {Element[]} page
 * @param {BinderSpec[]} home the repositories that the page is from
 * @param {FileLink | null} own
 * @returns {ForeignLaunch | null}
 */
function launchOf(url, page, home, own) {
  const homes = new Set(home.map(repositoryName));
  const ranked = [];
  for (const element of page) {
    const link = readLaunchLink(urlOf(element));
    if (!link) continue;
    const atHome = homes.has(repositoryName(link.content ?? link.spec));
    const path = link.labpath || link.filepath || decoded(link.urlpath ?? "");
    const named = path !== "" && namesPage(url, path);
    const rank = Number(named) * 4 + Number(atHome) * 2 + Number(path !== "");
    if (named || atHome || !homes.size) ranked.push({ rank, atHome, named, path, link });
  }
  const best = ranked.reduce((a, b) => (a && a.rank >= b.rank ? a : b), ranked[0]);
  if (!best) return null;
  const several = new Set(ranked.map(({ link }) => repositoryName(link.content ?? link.spec))).size > 1;
  const lacks = several && !best.named ? ["choice"] : [];
  const launch = inLab(best.link);
  if (best.path) return { ...launch, found_by: "launch-link", lacks };
  if (own && best.atHome) return placed(launch, own.path, "launch-link", lacks);
  return { ...launch, found_by: "launch-link", lacks: ["path", ...lacks] };
}

/**
 * @param {string} url
 * @returns {(LaunchLink & {spec: BinderSpec}) | null}
 */
function readLaunchLink(url) {
  const universal = UNIVERSAL.exec(url)?.[1];
  const text = LAUNCHES.test(url) ? url : universal && `https://hub.invalid/v2/${universal}`;
  const link = text ? unlessRefused(() => parseLaunchLink(text)) : null;
  return link?.spec ? { ...link, spec: link.spec } : null;
}

/**
 * A link's parts, its file named as a file, so that hubs of other kinds open it too.
 * @param {LaunchLink & {spec: BinderSpec}} link
 */
function inLab({ spec, content, labpath, filepath, urlpath }) {
  const inside = !content && IN_AN_APP.exec(urlpath ?? "")?.[1];
  const path = inside ? unlessRefused(() => contentPath(decodeURIComponent(inside))) : null;
  const place = path ? { labpath: path } : { labpath, filepath, urlpath };
  const parts = Object.entries({ content, ...place }).filter(([, value]) => value !== undefined);
  return { spec, ...Object.fromEntries(parts) };
}

/**
 * The link to the page's own source: one to edit is the page's own, others must name the page.
 * @param {string} url
 * @param {FileLink[]} files
 * @returns {FileLink | null}
 */
function ownFile(url, files) {
  for (const verb of ["open", "edit", "view"]) {
    const found = files.find((link) => link.verb === verb && (verb === "edit" || namesPage(url, link.path)));
    if (found) return found;
  }
  return null;
}

/**
 * The repositories that the page links to, those that are marked as its own first.
 * @param {Element[]} page
 */
function repositoriesOf(page) {
  const [marked, bare] = /** @type {[BinderSpec[], BinderSpec[]]} */ ([[], []]);
  for (const element of page) {
    const url = urlOf(element);
    const spec = readRepositoryLink(url);
    if (!spec) continue;
    const words = ["class", "title", "aria-label"].map((name) => element.getAttribute(name) ?? "");
    if (MARKED.test(words.join(" ")) || url.includes("/issues/new")) marked.push(spec);
    else if (!TOOLS.includes((spec.repository.split("/")[0] ?? "").toLowerCase())) bare.push(spec);
  }
  return marked.length ? marked : bare;
}

/** @param {Element[]} page */
function isMadeElsewhere(page) {
  return page.some((element) => {
    const generator = element.getAttribute("name")?.toLowerCase() === "generator";
    const made = /myst|jupyter/i.test(element.getAttribute("content") ?? "");
    return urlOf(element).includes("_sources/") || (generator && !made);
  });
}

/**
 * A launch at a file, if a reader could work with it in JupyterLab.
 * @param {{spec: BinderSpec}} launch
 * @param {string} file
 * @param {string} found_by
 * @param {string[]} [lacks]
 * @returns {ForeignLaunch}
 */
function placed(launch, file, found_by, lacks = []) {
  const labpath = contentPath(file);
  const ending = `.${labpath.split(".").at(-1)?.toLowerCase()}`;
  if (ending === ".ipynb") return { ...launch, labpath, found_by, lacks };
  if (TEXTS.includes(ending)) return { ...launch, labpath, found_by, lacks: ["notebook", ...lacks] };
  return { ...launch, found_by, lacks: ["path", ...lacks] };
}

/**
 * Whether a file may be a page's source, by their names.
 * @param {string} url
 * @param {string} path
 */
function namesPage(url, path) {
  const part = new URL(url).pathname.split("/").filter(Boolean).at(-1);
  const page = part ? plain(decoded(part).replace(/\.html?$/, "")) : "index";
  const above = (path.split("?")[0] ?? "").split("/");
  const name = plain((above.pop() ?? "").replace(/\.?[^.]*$/, ""));
  const folder = above.at(-1);
  return name === page || (["index", "readme"].includes(name) && folder !== undefined && plain(folder) === page);
}

/** @param {string} name */
const plain = (name) => name.replace(/[ _]+/g, "-").toLowerCase();

/** @param {string} text */
const decoded = (text) => unlessRefused(() => decodeURIComponent(text)) ?? text;

/**
 * Where a link leads, as it is written.
 * @param {Element} element
 */
const urlOf = (element) => (/^(?:a|link)$/.test(element.localName) ? (element.getAttribute("href") ?? "").trim() : "");
