/** The log of a launch. */

const LOG_LIMIT = 4_000_000; // characters; a page with more gets slow
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;

const byId = (id) => document.getElementById(id);

/** Text without what only a terminal understands: colours, and lines that were overwritten. */
export function plain(text) {
  return text.replace(ESCAPES, "").split("\n").map(lastWritten).join("\n");
}

/** What a terminal would show of a line; no regular expression, as those take long on long ones. */
function lastWritten(line) {
  let end = line.length;
  while (line[end - 1] === "\r") end -= 1;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}

/** The log: text is gathered and put on the page in batches, as thousands of lines may come. */
export class Log {
  #view = byId("log");
  #box = byId("log-details");
  #waiting = "";
  #timer = null;
  #lines = 0;
  #length = 0;
  #following = true;

  constructor() {
    this.#view.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#view;
      this.#following = scrollHeight - scrollTop - clientHeight < 24;
    });
    this.#box.addEventListener("toggle", () => this.#follow());
    byId("copy").addEventListener("click", ({ currentTarget }) => this.#copy(currentTarget));
  }

  add(text) {
    const lines = plain(text);
    if (!lines.trim()) return;
    this.#waiting += lines.endsWith("\n") ? lines : `${lines}\n`;
    this.#timer ??= setTimeout(() => this.#show(), 50);
  }

  /** Mark a new beginning; what was before stays. */
  rule(text) {
    this.add(`\n──── ${text} ────\n`);
  }

  open() {
    this.#show();
    this.#box.open = true;
    this.#follow();
  }

  #show() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#waiting) return;
    this.#lines += this.#waiting.split("\n").length - 1;
    this.#length += this.#waiting.length;
    this.#view.append(this.#waiting);
    this.#waiting = "";
    while (this.#length > LOG_LIMIT && this.#view.childNodes.length > 1) {
      this.#length -= this.#view.firstChild.length;
      this.#view.firstChild.remove();
    }
    byId("log-size").textContent = `${this.#lines} ${this.#lines === 1 ? "line" : "lines"}`;
    this.#follow();
  }

  #follow() {
    if (this.#following) this.#view.scrollTop = this.#view.scrollHeight;
  }

  async #copy(button) {
    this.#show();
    try {
      await navigator.clipboard.writeText(this.#view.textContent);
      button.textContent = "Copied";
    } catch {
      // no clipboard without https: let the person do it
      getSelection().selectAllChildren(this.#view);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  }
}
