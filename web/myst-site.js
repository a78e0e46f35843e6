/**
 * What a site that MyST made publishes of a page, beside it, as JSON; as in
 * `src/hubroam/book/mystsite.py`.
 */
import { readFileLink, repositoryName, unlessRefused } from "./file-link.js";
import { readRepository } from "./repository.js";

/** @import { Ask, BinderSpec } from "./types.js" */

const FORGE_NAMES = /** @type {Record<string, string>} */ ({ github: "gh", gitlab: "gl" });

/**
 * Ask a site what it publishes of a page; null where it is nothing, or names no repository.
 * @param {string} url where the page is
 * @param {Ask} ask
 * @returns {Promise<{spec: BinderSpec, path: string, runs: boolean} | null>}
 */
export async function readMystPage(url, ask) {
  const { origin, pathname } = new URL(url);
  const stem = pathname.replace(/\/+$/, "").replace(/\.html?$/, "");
  // a path that ends in a slash is a page, or the first page of a site in a folder
  const paths = stem && pathname.endsWith("/") ? [stem, `${stem}/index`] : [stem || "/index"];
  let beside = "";
  /** @type {any} */
  let page = null;
  for (const path of paths) {
    beside = origin + path;
    page = await documentOf(beside, ask);
    if (page) break;
  }
  if (!page) return null;
  const matter = page.frontmatter ?? {};
  const config = await ask(new URL("config.json", beside).href);
  const source = readFileLink(asText(matter.edit_url)) ?? readFileLink(asText(matter.source_url));
  const binder = binderOf(matter) ?? binderOf(config?.projects?.[0]);
  const spec = unlessRefused(() =>
    binder ? repositoryOf(binder) : (source?.spec ?? readRepository(asText(matter.github))),
  );
  if (!spec) return null;
  // MyST's own button opens `location`, which is below the project; the link knows more
  const same = source && repositoryName(source.spec) === repositoryName(spec);
  return {
    spec,
    path: same ? source.path : page.location.replace(/^\/+/, ""),
    runs: page.kind === "Notebook",
  };
}

/**
 * A page's document: at its address with `.json`, or where `myst.xref.json` says.
 * @param {string} beside
 * @param {Ask} ask
 */
async function documentOf(beside, ask) {
  const page = await ask(`${beside}.json`);
  if (isText(page?.location)) return page;
  const slug = beside.slice(beside.lastIndexOf("/") + 1);
  const listed = listedAt(await ask(new URL("myst.xref.json", beside).href), slug);
  const other = listed && (await ask(new URL(listed.replace(/^\/+/, ""), beside).href));
  return isText(other?.location) ? other : null;
}

/**
 * Where `myst.xref.json` has a page's document.
 * @param {any} index
 * @param {string} slug
 * @returns {string}
 */
function listedAt(index, slug) {
  const references = Array.isArray(index?.references) ? index.references : [];
  const wanted = slug === "index" ? "/" : `/${slug}`;
  const found = references.find((/** @type {any} */ each) => each?.kind === "page" && each.url === wanted);
  return asText(found?.data);
}

/**
 * The repository of MyST's Binder settings; an address tells its forge by itself.
 * @param {any} binder
 */
function repositoryOf(binder) {
  const repo = asText(binder.repo);
  const provider = asText(binder.provider).toLowerCase();
  const named = repo.includes("://") ? undefined : FORGE_NAMES[provider] ?? (provider || undefined);
  return readRepository(repo, named, asText(binder.ref) || undefined);
}

/** @param {any} settings */
function binderOf(settings) {
  return [settings?.jupyter, settings?.thebe].map((said) => said?.binder).find((binder) => binder?.repo);
}

/** @param {unknown} value */
const isText = (value) => typeof value === "string" && value !== "";

/** @param {unknown} value */
const asText = (value) => (typeof value === "string" ? value : "");
