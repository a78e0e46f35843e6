import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

import { bookOf, pageOf, pathInRepository } from "../myst-book.js";

const folder = mkdtempSync(join(tmpdir(), "hubroam-myst-"));
after(() => rmSync(folder, { recursive: true }));
let number = 0;

/**
 * A book in a folder of its own.
 * @param {Record<string, string>} files
 */
function write(files) {
  const book = join(folder, String((number += 1)));
  for (const [name, text] of Object.entries(files)) {
    const path = join(book, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return book;
}

/** @param {string} project */
function settings(project) {
  const book = bookOf(join(write({ "myst.yml": `version: 1\nproject:\n${project}` }), "a.md"));
  return book.problem ? [book.problem.line, book.problem.message] : book.settings;
}

const BINDER = { hubs: ["https://binder.example.org"], binder: "https://binder.example.org" };
/** @type {Record<string, [string, object]>} */
const SAID = {
  "the repository that pages are edited in": ["  github: ada/book\n", { repo: "ada/book" }],
  "the badge": [
    "  binder: https://mybinder.org/v2/gh/ada/book/main\n",
    { repo: "https://mybinder.org/v2/gh/ada/book/main" },
  ],
  "MyST's launch button": [
    "  github: ada/book\n  jupyter:\n    binder:\n      repo: uni/env\n      ref: v1\n      url: https://binder.example.org\n",
    { repo: "uni/env", ref: "v1", ...BINDER },
  ],
  "its older name, in brackets": [
    "  thebe: {binder: {provider: gitlab, repo: group/book}}\n",
    { repo: "group/book", provider: "gl" },
  ],
  "an address and a provider": [
    "  jupyter: {binder: {provider: github, repo: 'https://gitlab.com/group/book'}}\n",
    { repo: "https://gitlab.com/group/book" },
  ],
  "any git server": [
    "  jupyter: {binder: {provider: git, repo: 'https://git.example.org/book'}}\n",
    { repo: "https://git.example.org/book", provider: "git" },
  ],
  "the button's hub for the edited repository": [
    "  github: ada/book\n  jupyter: {binder: {url: 'https://binder.example.org'}}\n",
    { repo: "ada/book", ...BINDER },
  ],
  "the button's ref for the edited repository": [
    "  github: ada/book\n  jupyter: {binder: {ref: v1}}\n",
    { repo: "ada/book", ref: "v1" },
  ],
  "what is written with an anchor": ["  github: &here ada/one\n  binder: ada/two\n", { repo: "ada/two" }],
  "a button that is on": ["  github: ada/book\n  jupyter: true\n", { repo: "ada/book" }],
  "launch settings": [
    "  github: ada/book\n  options:\n    launch:\n      ref: main\n      hubs: [https://hub.example.org]\n",
    { repo: "ada/book", ref: "main", hubs: ["https://hub.example.org"] },
  ],
  "launch settings that name another repository": [
    "  github: ada/book\n  jupyter: {binder: {repo: uni/env, ref: v1}}\n  launch: {repo: grace/book}\n",
    { repo: "grace/book" },
  ],
};

for (const [name, [project, expected]] of Object.entries(SAID)) {
  test(`a book says: ${name}`, () => {
    const found = Object.entries(settings(project)).filter(([, value]) => value !== undefined);
    assert.deepEqual(Object.fromEntries(found), expected);
  });
}

/** @type {Record<string, [string, number, RegExp]>} */
const WRONG = {
  "no repository": ["  title: A book\n", 1, /which repository.*github: user\/repo/],
  "an unknown provider": ["  jupyter:\n    binder:\n      provider: svn\n      repo: a/b\n", 5, /no provider svn.*github/],
  "a setting that is none": ["  github: a/b\n  options:\n    launch:\n      pth: a\n", 5, /no setting ‘pth’/],
  "a text for settings": ["  options:\n    launch: ada/book\n", 4, /neither true, false/],
  "an unknown provider in launch settings": [
    "  github: a/b\n  options:\n    launch: {provider: svn, repo: a/b}\n",
    5,
    /no such provider/,
  ],
  "a hub that is none": ["  github: a/b\n  launch:\n    hubs: [nowhere]\n", 4, /not the address of a website/],
  "a repository that is none": ["  launch: {label: Run}\n  binder: https://github.com/ada\n", 4, /not a repository/],
  "an anchor": ["  launch: &a {repo: a/b}\n", 3, /hubroam does not read/],
};

for (const [name, [project, line, message]] of Object.entries(WRONG)) {
  test(`wrong in a book: ${name}`, () => {
    const [where, what] = /** @type {[number, string]} */ (settings(project));
    assert.equal(where, line);
    assert.match(what, message);
  });
}

test("a configuration that extends others", () => {
  const book = write({
    "myst.yml": "version: 1\nextends: [a.yml, shared/b.yml]\nproject:\n  title: x\n",
    "a.yml": "project:\n  github: ada/a\n  launch: {ref: one}\n",
    "shared/b.yml": "extends: ../myst.yml\nproject:\n  github: ada/b\n",
  });
  assert.deepEqual(bookOf(join(book, "page.md")).settings, { repo: "ada/b", ref: "one" });
});

test("the checkout's origin, where nothing else says it", () => {
  const book = write({ "docs/myst.yml": "version: 1\nproject: {}\n" });
  execFileSync("git", ["init", "-q", book]);
  execFileSync("git", ["-C", book, "remote", "add", "origin", "git@github.com:ada/book.git"]);
  const { root, settings } = bookOf(join(book, "docs", "chapters", "a.md"));
  assert.equal(root, book);
  assert.equal(settings.repo, "git@github.com:ada/book.git");
  assert.equal(pathInRepository(root, join(book, "docs", "chapters", "a.md")), "docs/chapters/a.md");
  assert.equal(pathInRepository(root, join(folder, "elsewhere.md")), null);
});

test("a configuration that changes while MyST watches", () => {
  const book = write({ "myst.yml": "project:\n  github: ada/one\n" });
  const file = join(book, "myst.yml");
  assert.equal(bookOf(join(book, "a.md")).settings.repo, "ada/one");
  writeFileSync(file, "project:\n  github: ada/two\n");
  utimesSync(file, 1, 1);
  assert.equal(bookOf(join(book, "a.md")).settings.repo, "ada/two");
});

/** @param {string} name @param {string} text */
const page = (name, text) => pageOf(join(write({ [name]: text }), name));
const CODE = { cell_type: "code", source: "1" };

test("pages that run", () => {
  assert.equal(page("a.ipynb", JSON.stringify({ cells: [CODE] })).runs, true);
  assert.equal(page("a.ipynb", JSON.stringify({ cells: [{ cell_type: "markdown", source: [] }] })).runs, false);
  assert.equal(page("a.md", "---\nkernelspec: {name: python3}\n---\n").runs, true);
  assert.equal(page("a.md", "---\njupytext:\n  formats: md:myst\n---\n").runs, true);
  assert.equal(page("a.md", "kernelspec: {name: python3}\n").runs, false);
  assert.equal(pageOf(join(folder, "nosuch.md")).runs, false);
});

test("what pages say", () => {
  const said = { settings: { ref: "v1" }, line: 3, runs: false };
  assert.deepEqual(page("a.md", "---\noptions:\n  launch: {ref: v1}\n---\n"), said);
  assert.deepEqual(page("a.md", "---\n\nlaunch: {ref: v1}\n...\n"), said);
  assert.deepEqual(page("a.md", "---\nlaunch: false\n---\n").settings, { launch: false });
  const metadata = { launch: { path: "b.ipynb" } };
  assert.deepEqual(page("a.ipynb", JSON.stringify({ cells: [], metadata })).settings, metadata.launch);
  const first = { cell_type: "markdown", source: ["---\n", "launch: false\n", "---\n"] };
  assert.deepEqual(page("a.ipynb", JSON.stringify({ cells: [first, CODE] })).settings, { launch: false });
});

test("what is wrong in a page, and where", () => {
  const { problem } = page("a.md", "---\ntitle: x\noptions:\n  launch:\n    ref: 1.0\n---\n");
  assert.equal(problem?.line, 4);
  assert.match(problem?.message ?? "", /launch\.ref is not a text\. Put it into quotes\./);
});
