/** The code cells of a page, however its book was made, run in place by thebe-core. */
import { HubroamError } from "./errors.js";
import { button, make } from "./dom.js";

/**
 * @import { Translate } from "./texts.js"
 * @typedef {{cell: Element, code: HTMLElement, output: HTMLElement}} PageCell
 */

/** How each tool writes a cell: the cell, its source in it, and its output where there is one. */
const FORMS = [
  [".cell.docutils, div.cell.tag_live", ".cell_input pre", ".cell_output"], // MyST-NB
  [".jp-CodeCell", ".jp-InputArea pre", ".jp-OutputArea"], // nbconvert
  ["div.cell", ".sourceCode pre, pre.sourceCode", ".cell-output"], // Quarto
  ["div.nbinput", "pre", ""], // nbsphinx
  ["pre[data-executable]", "", ""], // thebe's own
];

/**
 * @param {ParentNode} page
 * @returns {PageCell[]} in the page's order
 */
export function findCells(page) {
  const found = new Map();
  for (const [cells = "", sources, outputs] of FORMS) {
    for (const cell of page.querySelectorAll(cells)) {
      const code = sources ? cell.querySelector(sources) : cell;
      if (!code || [...found.keys()].some((other) => other.contains(cell))) continue;
      const output = (outputs && cell.querySelector(outputs)) || null;
      found.set(cell, { cell, code, output });
    }
  }
  const order = (/** @type {PageCell} */ a, /** @type {PageCell} */ b) =>
    a.cell.compareDocumentPosition(b.cell) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  return [...found.values()].sort(order);
}

/**
 * Load thebe-core, once a page.
 * @param {string} folder where its `dist/lib` is
 * @returns {Promise<any>} its API
 * @throws {HubroamError} `live-missing`
 */
export async function loadThebe(folder) {
  const known = /** @type {any} */ (window).thebeCore?.api;
  if (known) return known;
  const base = new URL(folder.endsWith("/") ? folder : `${folder}/`, document.baseURI);
  document.head.append(
    make("link", { rel: "stylesheet", href: new URL("thebe-core.css", base).href }),
  );
  const script = make("script", { src: new URL("thebe-core.min.js", base).href });
  const loaded = new Promise((resolve) => {
    script.addEventListener("load", resolve);
    script.addEventListener("error", resolve);
  });
  document.head.append(script);
  await loaded;
  const api = /** @type {any} */ (window).thebeCore?.api;
  if (api) return api;
  throw new HubroamError(
    "live-missing",
    "What runs the cells could not be loaded.",
    "Check your network, then press again; or open the page in JupyterLab.",
  );
}

/** The cells of a page on one kernel. */
export class LiveCells {
  /** @type {any} */
  #session = null;
  /** @type {any[]} */
  #cells = [];
  /** A kernel that is starting anew loses what it is asked for. */
  #restarted = Promise.resolve();
  /** Each cell's last run: a place for output shows one run, and a second would cancel the first.
   * @type {Map<number, Promise<boolean>>} */
  #runs = new Map();

  /**
   * @param {any} thebe its API
   * @param {PageCell[]} cells
   * @param {Translate} t
   */
  constructor(thebe, cells, t) {
    this.thebe = thebe;
    this.page = cells;
    this.t = t;
  }

  /**
   * Start a kernel and make the cells live.
   * @param {object} server thebe's options: `serverSettings` or `binderOptions`
   * @param {boolean} binder whether thebe launches by itself, on a BinderHub that lets it
   * @param {{path: string, kernelName: string}} kernelOptions
   * @param {(status: string) => void} changed told the kernel's status
   */
  async start(server, binder, kernelOptions, changed) {
    const { thebe } = this;
    const config = thebe.makeConfiguration({
      ...server,
      kernelOptions,
      savedSessionOptions: { enabled: false },
    });
    const connected = binder ? thebe.connectToBinder(config) : thebe.connectToJupyter(config);
    await connected.ready;
    // no MathJax from a third party: a page that has one shows formulas by itself
    const rendermime = thebe.makeRenderMimeRegistry({ mathjaxUrl: "", mathjaxConfig: "" });
    this.#session = await connected.startNewSession(rendermime, kernelOptions);
    this.#session.kernel.statusChanged.connect((/** @type {any} */ _, /** @type {string} */ status) =>
      changed(status),
    );
    this.#session.kernel.connectionStatusChanged.connect(
      (/** @type {any} */ _, /** @type {string} */ status) => {
        if (status === "disconnected") changed("disconnected");
      },
    );
    const blocks = this.page.map(({ code }, number) => ({ id: `live-${number}`, source: sourceOf(code) }));
    const notebook = thebe.setupNotebookFromBlocks(blocks, config, rendermime);
    notebook.attachSession(this.#session);
    this.#cells = notebook.cells;
    this.page.forEach((each, number) => this.#enliven(each, number));
    changed(this.#session.kernel.status);
    return { url: connected.settings.baseUrl, token: connected.settings.token };
  }

  /**
   * @param {PageCell} each
   * @param {number} number
   */
  #enliven({ cell, code, output }, number) {
    const place = output ?? make("div", { class: "hub-live-output" });
    if (!output) cell.after(place);
    code.contentEditable = "plaintext-only";
    code.spellcheck = false;
    code.setAttribute("role", "textbox");
    code.setAttribute("aria-multiline", "true");
    code.setAttribute("aria-label", this.t("Code of cell {number}", { number: `${number + 1}` }));
    const run = button("hub-live-run", this.t("Run"), () => void this.run(number));
    code.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.run(number);
    });
    (code.closest("pre") ?? code).before(run);
    this.#cells[number].attachToDOM(place);
  }

  /**
   * Run one cell, after its earlier runs.
   * @param {number} number
   * @returns {Promise<boolean>} whether it ran without an error
   */
  run(number) {
    const next = () => this.#run(number);
    const run = (this.#runs.get(number) ?? Promise.resolve(true)).then(next, next);
    this.#runs.set(number, run);
    return run;
  }

  /**
   * @param {number} number
   * @returns {Promise<boolean>}
   */
  async #run(number) {
    const page = this.page[number];
    if (!page) return false;
    page.cell.setAttribute("aria-busy", "true");
    const folded = page.output?.closest("details");
    if (folded) folded.open = true;
    await this.#restarted;
    try {
      const done = await this.#cells[number].execute(sourceOf(page.code));
      return Boolean(done) && !done.error;
    } finally {
      page.cell.removeAttribute("aria-busy");
    }
  }

  /** Run all cells in their order, up to the first that fails. */
  async runAll() {
    for (const number of this.page.keys()) if (!(await this.run(number))) return;
  }

  interrupt() {
    return this.#session.kernel.interrupt();
  }

  restart() {
    return (this.#restarted = this.#session.restart());
  }
}

/** @param {HTMLElement} code */
function sourceOf(code) {
  return (code.innerText || code.textContent || "").replace(/\n$/, "");
}
