/**
 * The plugin for MyST and Jupyter Book 2: the launch control on every page that runs.
 *
 * A page gets a paragraph with a plain link, which every export can write, and on a site the
 * control before it, which takes the link's place once it is there. MyST has no word for “on a
 * site only”, and its exports to print report each widget as an error. What it does on sites only
 * is to fill in tables of contents: so one keeps the control's place, and where it was filled in
 * it becomes the control.
 */
import { badSettings, pageLaunch, readSettings, SETTINGS, settingsOver } from "./book-launch.js";
import { HubroamError } from "./errors.js";
import { bookOf, keepBeside, pageOf, pathInRepository } from "./myst-book.js";

/** @import { LaunchSettings, MystBook, MystFile, MystNode, MystPage } from "./types.js" */

const DIRECTIVE = "hub-launch";
/** The text of the control's module, which `hubroam.book.myst` puts here. */
const WIDGET = "__WIDGET__";
/** Books of which it was said already what is wrong. */
const told = new Set();

/**
 * Put the control's place, and the plain link, on a page.
 * @param {MystNode} tree
 * @param {MystFile} file
 */
function placeControls(tree, file) {
  const book = bookOf(file.path);
  const page = pageOf(file.path);
  const directives = within(tree, (node) => node.type === DIRECTIVE);
  for (const [node, parent] of directives) {
    const line = node.position?.start.line ?? 1;
    const own = () => ({ launch: true, ...readSettings(node.settings) });
    replace(node, parent, contentOf(own, line, file, book, page));
  }
  if (directives.length) return;
  const runs = page.runs || within(tree, (node) => node.executable === true).length > 0;
  if (!page.problem && !(page.settings.launch ?? book.settings.launch ?? runs)) return;
  const content = contentOf(() => ({}), page.line, file, book, page);
  // first in the page, and a block, since themes show blocks
  if (content.length) tree.children?.unshift({ type: "block", children: content });
}

/**
 * The place of a control, and its plain link; nothing where there is to be none.
 * @param {() => LaunchSettings} own of the directive
 * @param {number} line to name in a warning
 * @param {MystFile} file
 * @param {MystBook} book
 * @param {MystPage} page
 * @returns {MystNode[]}
 */
function contentOf(own, line, file, book, page) {
  const { problem } = page;
  try {
    const said = settingsOver(own(), page.settings);
    if (said.launch === false) return [];
    if (problem) throw problem;
    if (book.problem && !said.repo) return tellOnce(file, book);
    const settings = settingsOver(said, placed(book, file, said));
    const shown = pageLaunch(settings);
    if (!shown) return [];
    const { attributes, link } = shown;
    const text = { type: "text", value: settings.label ?? "Launch" };
    // of a depth that no page is at: MyST would make and follow a link to each page, on each page
    const place = { type: "toc", kind: "project", depth: -9, children: [] };
    return [
      { ...place, hubLaunch: { ...attributes, link } },
      { type: "paragraph", children: [{ type: "link", url: link, children: [text] }] },
    ];
  } catch (error) {
    if (error instanceof HubroamError) warn(file, `${error.message} ${error.next_step}`, line);
    else if (problem && error === problem) warn(file, problem.message, problem.line);
    else throw error;
    return [];
  }
}

/**
 * The book's settings, with the page's own file to open unless another place is named.
 * @param {MystBook} book
 * @param {MystFile} file
 * @param {LaunchSettings} said of the page
 * @returns {LaunchSettings}
 */
function placed({ settings, root }, file, said) {
  if ([said.repo, said.path, said.urlpath, settings.path, settings.urlpath].some(Boolean)) return settings;
  const path = pathInRepository(root, file.path);
  if (path) return { ...settings, path };
  throw badSettings(
    "The page is outside of the book's repository.",
    "Name its file, as launch: {path: …}, or write launch: false.",
  );
}

/**
 * Make controls of their places on a site, and take the places away elsewhere.
 * @param {MystNode} tree
 * @param {MystFile} file
 */
function showControls(tree, file) {
  for (const [node, parent] of within(tree, ({ hubLaunch }) => hubLaunch !== undefined)) {
    const onSite = node.type !== "toc";
    const control = () => ({ type: "anywidget", esm: keepBeside(file.path, WIDGET), model: node.hubLaunch });
    replace(node, parent, onSite ? [control()] : []);
  }
}

/**
 * Nodes below a node, each with its parent.
 * @param {MystNode} parent
 * @param {(node: MystNode) => boolean} wanted
 * @returns {[MystNode, MystNode][]}
 */
function within(parent, wanted) {
  return (parent.children ?? []).flatMap((node) => [
    ...(wanted(node) ? [/** @type {[MystNode, MystNode]} */ ([node, parent])] : []),
    ...within(node, wanted),
  ]);
}

/**
 * @param {MystNode} node
 * @param {MystNode} parent
 * @param {MystNode[]} content
 */
function replace(node, parent, content) {
  parent.children?.splice(parent.children.indexOf(node), 1, ...content);
}

/**
 * @param {MystFile} file
 * @param {string} text
 * @param {number} line
 */
function warn(file, text, line) {
  const point = { line, column: 1 };
  file.message(`${text} (hubroam)`, { start: point, end: point });
}

/**
 * Say what is wrong with the whole book, on one page of it.
 * @param {MystFile} file
 * @param {MystBook} book
 * @returns {MystNode[]}
 */
function tellOnce(file, { file: configuration, problem }) {
  if (problem && !told.has(configuration)) {
    warn(file, `myst.yml:${problem.line} ${problem.message}`, 1);
  }
  told.add(configuration);
  return [];
}

/** @param {string} doc */
const textOption = (doc) => ({ type: String, doc });

export default {
  name: "hubroam",
  directives: [
    {
      name: DIRECTIVE,
      doc: "The launch control, here instead of at the page's top.",
      arg: textOption("The repository, if it is not the book's; false for no control."),
      options: Object.fromEntries(
        SETTINGS.map((name) => [name, textOption("As in launch settings.")]),
      ),
      /** @param {{arg?: string, options?: Record<string, unknown>, node?: MystNode}} data */
      run({ arg, options, node }) {
        const repo = arg && arg !== "false" && arg !== "true" ? { repo: arg } : {};
        const settings = arg === "false" ? false : { ...options, ...repo };
        return [{ type: DIRECTIVE, settings, position: node?.position }];
      },
    },
  ],
  transforms: [
    {
      name: "hub-launch-place",
      doc: "Puts a launch link on every page that runs.",
      stage: "document",
      plugin: () => placeControls,
    },
    {
      name: "hub-launch-control",
      doc: "Puts the launch control beside the link on a site.",
      stage: "project",
      plugin: () => showControls,
    },
  ],
};
