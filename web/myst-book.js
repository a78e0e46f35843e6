/** What a MyST book and its pages say of themselves: `myst.yml`, front matter, the checkout. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { badSettings, pageLaunch, readSettings, settingsOver } from "./book-launch.js";
import { HubroamError } from "./errors.js";
import { readRepository } from "./repository.js";
import { PROVIDERS } from "./spec.js";
import { YamlNode } from "./yaml.js";

/** @import { LaunchSettings, MystBook, MystPage } from "./types.js" */

const CONFIGURATION = "myst.yml";
/** MyST's names of providers. */
const MYST_PROVIDERS = /** @type {Record<string, string>} */ ({ github: "gh", gitlab: "gl" });
/** Books by their configuration; a server that watches the files sees them change. */
const books = /** @type {Map<string, {changed: number, book: MystBook}>} */ (new Map());

/**
 * The book that a page is in.
 * @param {string} page the path of its file
 * @returns {MystBook}
 */
export function bookOf(page) {
  const folder = upward(dirname(page), CONFIGURATION) ?? dirname(page);
  const file = join(folder, CONFIGURATION);
  const changed = existsSync(file) ? statSync(file).mtimeMs : 0;
  const before = books.get(file);
  if (before?.changed === changed) return before.book;
  const book = readBook(folder, file);
  books.set(file, { changed, book });
  return book;
}

/**
 * @param {string} folder
 * @param {string} file
 * @returns {MystBook}
 */
function readBook(folder, file) {
  const root = upward(folder, ".git") ?? folder;
  const parts = configurations(file);
  /** @param {string[]} names */
  const find = (...names) => parts.map((part) => part.at("project", ...names)).find(Boolean) ?? null;
  /** @type {LaunchSettings} */
  let settings = {};
  try {
    const own = launchOf(find);
    const button = buttonOf(placeOfButton(find));
    // an author's own word counts most, the checkout least
    const repo = own.repo ?? button.repo ?? text(find("github")) ?? text(find("binder"));
    const others = settingsOver(button, repo ? { repo } : originOf(root));
    settings = settingsOver(own, others);
    if (settings.repo) {
      const places = [placeOf(find), placeOfButton(find), find("github"), find("binder")];
      if (!own.repo) checkBook(others, places.slice(1));
      checkBook(settings, places);
      return { file, root, settings };
    }
    const next = `Write github: user/repo below project: in ${CONFIGURATION}.`;
    throw new ProblemAt(badSettings("Nothing says which repository the book is in.", next), 1);
  } catch (error) {
    if (!(error instanceof ProblemAt)) throw error;
    return { file, root, settings, problem: error };
  }
}

/**
 * @param {LaunchSettings} settings
 * @param {(YamlNode | null)[]} places where they may stand
 * @throws {ProblemAt} no page could be launched with them
 */
function checkBook(settings, places) {
  try {
    pageLaunch(settings);
  } catch (error) {
    if (!(error instanceof HubroamError)) throw error;
    throw new ProblemAt(error, places.find(Boolean)?.line ?? 1);
  }
}

/**
 * What a page says of its launch, and whether something on it runs.
 * @param {string} file
 * @returns {MystPage}
 */
export function pageOf(file) {
  const content = existsSync(file) ? readFileSync(file, "utf-8") : "";
  if (/\.ipynb$/i.test(file)) return notebookOf(content);
  const matter = /\.(?:md|myst|markdown)$/i.test(file) ? frontMatter(content) : null;
  return { runs: Boolean(matter?.at("kernelspec") ?? matter?.at("jupytext")), ...saidIn(matter) };
}

/**
 * @param {string} content
 * @returns {MystPage}
 */
function notebookOf(content) {
  const { cells = [], metadata } = JSON.parse(content);
  const runs = cells.some((/** @type {any} */ cell) => cell.cell_type === "code");
  const launch = metadata?.options?.launch ?? metadata?.launch;
  try {
    if (launch !== undefined) return { runs, settings: readSettings(launch), line: 1 };
  } catch (error) {
    if (!(error instanceof HubroamError)) throw error;
    return { runs, settings: {}, line: 1, problem: new ProblemAt(error, 1) };
  }
  // MyST reads front matter in a notebook's first cell too; a line of it is none of the file
  const first = cells[0]?.cell_type === "code" ? "" : [cells[0]?.source ?? ""].flat().join("");
  return { runs, ...saidIn(frontMatter(first)), line: 1 };
}

/**
 * @param {YamlNode | null} matter
 * @returns {Omit<MystPage, "runs">}
 */
function saidIn(matter) {
  try {
    /** @param {string[]} names */
    const find = (...names) => matter?.at(...names) ?? null;
    return { settings: launchOf(find), line: placeOf(find)?.line ?? 1 };
  } catch (error) {
    if (!(error instanceof ProblemAt)) throw error;
    return { settings: {}, line: error.line, problem: error };
  }
}

/**
 * A page's file, below the root of the book's repository; null where it is not in it.
 * @param {string} root
 * @param {string} file
 */
export function pathInRepository(root, file) {
  const path = relative(realpathSync(root), existsSync(file) ? realpathSync(file) : file);
  const parts = path.split(sep);
  return parts[0] === ".." || parts[0] === "" ? null : parts.join("/");
}

/**
 * Keep the control's module where MyST keeps what it builds, and from where it copies it into the
 * site.
 * @param {string} page the path of the file that the control is on
 * @param {string} text
 * @returns {string} the module's path from the page
 */
export function keepBeside(page, text) {
  const folder = join(dirname(bookOf(page).file), "_build", "hubroam");
  const file = join(folder, "hub-launch.mjs");
  // written when it differs only: MyST names its copy by the moment of the last change
  if (!existsSync(file) || readFileSync(file, "utf-8") !== text) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  return relative(dirname(page), file).split(sep).join("/");
}

/** What is wrong, and in which line. */
class ProblemAt extends Error {
  /**
   * @param {HubroamError} error
   * @param {number} line
   */
  constructor(error, line) {
    super(`${error.message} ${error.next_step}`);
    this.line = line;
  }
}

/**
 * The configuration and those that it extends, each before those that it wins over.
 * @param {string} file
 * @param {string[]} before those that extend it, which it cannot extend in turn
 * @returns {YamlNode[]}
 */
function configurations(file, before = []) {
  if (before.includes(file) || !existsSync(file)) return [];
  const own = YamlNode.of(readFileSync(file, "utf-8"));
  const extended = [readable(own.at("extends") ?? own.at("extend"))].flat();
  const local = extended.filter((each) => typeof each === "string" && !each.includes("://"));
  return [
    own,
    ...local
      .reverse()
      .flatMap((each) => configurations(join(dirname(file), String(each)), [...before, file])),
  ];
}

/**
 * Where settings stand: under `options: launch:`, which MyST lets through, or a bare `launch:`.
 * @param {(...names: string[]) => YamlNode | null} find
 */
const placeOf = (find) => find("options", "launch") ?? find("launch");

/** @param {(...names: string[]) => YamlNode | null} find */
const placeOfButton = (find) => find("jupyter", "binder") ?? find("thebe", "binder");

/**
 * @param {(...names: string[]) => YamlNode | null} find
 * @returns {LaunchSettings}
 * @throws {ProblemAt}
 */
function launchOf(find) {
  const node = placeOf(find);
  try {
    return readSettings(node?.value());
  } catch (error) {
    const line = node?.line ?? 1;
    if (error instanceof HubroamError) throw new ProblemAt(error, line);
    if (!(error instanceof SyntaxError)) throw error;
    throw new ProblemAt(badSettings(`launch: ${error.message}`, "Write it without anchors and tags."), line);
  }
}

/**
 * What the settings of MyST's own launch button say.
 * @param {YamlNode | null} node
 * @returns {LaunchSettings}
 * @throws {ProblemAt}
 */
function buttonOf(node) {
  const names = ["url", "repo", "ref", "provider"];
  const [url, repo, ref, named] = names.map((name) => text(node?.at(name) ?? null));
  const provider = named && (MYST_PROVIDERS[named.toLowerCase()] ?? named);
  if (provider && !PROVIDERS.has(provider)) {
    const error = badSettings(
      `Binder knows no provider ${named}.`,
      `Use one of ${[...Object.keys(MYST_PROVIDERS), ...PROVIDERS.keys()].join(", ")}.`,
    );
    throw new ProblemAt(error, node?.at("provider")?.line ?? 1);
  }
  const said = { ...(url && { hubs: [url], binder: url }), ...(ref && { ref }) };
  if (!repo) return said;
  // an address tells its forge, and the provider is often left out or wrong then
  const tells = /^https?:/.test(repo) && provider !== "git";
  return { ...said, repo, ...(provider && !tells && { provider }) };
}

/**
 * Where the checkout's origin is, at the branch that is checked out.
 * @param {string} root
 * @returns {LaunchSettings}
 */
function originOf(root) {
  const repo = git(root, "remote", "get-url", "origin");
  // a branch that origin does not have could not be launched: the default then
  const branch = git(root, "rev-parse", "--abbrev-ref", "@{upstream}")?.replace(/^origin\//, "");
  try {
    return repo && readRepository(repo, undefined, branch) ? { repo, ref: branch } : {};
  } catch (error) {
    if (error instanceof HubroamError) return {}; // a path on this machine, say
    throw error;
  }
}

/**
 * What a git command says; undefined where it fails.
 * @param {string} folder
 * @param {string[]} args
 */
function git(folder, ...args) {
  try {
    const stdio = ["ignore", "pipe", "ignore"];
    const options = { encoding: /** @type {const} */ ("utf-8"), stdio, timeout: 10_000 };
    return execFileSync("git", ["-C", folder, ...args], options).trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * One of MyST's own values; undefined where it is written in a way that is not read here.
 * @param {YamlNode | null} node
 */
function readable(node) {
  try {
    return node?.value();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The text of a value; undefined where it is none.
 * @param {YamlNode | null} node
 */
function text(node) {
  const value = readable(node);
  return typeof value === "string" ? value : undefined;
}

/** @param {string} content */
function frontMatter(content) {
  const [, yaml] = /^\ufeff?---[ \t]*\r?\n([^]*?\r?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(content) ?? [];
  return yaml ? YamlNode.of(yaml, 2) : null;
}

/**
 * The nearest folder upward that holds a name.
 * @param {string} folder
 * @param {string} name
 * @returns {string | null}
 */
function upward(folder, name) {
  if (existsSync(join(folder, name))) return folder;
  const above = dirname(folder);
  return above === folder ? null : upward(above, name);
}
