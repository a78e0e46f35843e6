/**
 * `<hub-live>`: lets the reader run the cells of a page in place, on their own hub.
 *
 *     <hub-launch provider="gh" repo="user/book" ref="main" path="start.ipynb"></hub-launch>
 *     <hub-live thebe="https://cdn.jsdelivr.net/npm/thebe-core@0.5/dist/lib/"></hub-live>
 *
 * What is launched, and where, is the launch control's: this one asks the hub for the session, with
 * the reader's consent there, and hands it to thebe-core. Attributes and events:
 * `docs/reference/hub-live.md`.
 */
import { HubroamError } from "./errors.js";
import { button, make } from "./dom.js";
import { findCells, LiveCells, loadThebe } from "./live-cells.js";
import { sessionFrom } from "./live-session.js";
import { recall } from "./memory.js";
import { expand } from "./profile.js";
import { formatSpec } from "./spec.js";
import { sessionUrl } from "./session.js";
import { textsFor, textsOf } from "./texts.js";
import { style } from "./hub-live-style.js";

/**
 * @import { Hub, LiveSession } from "./types.js"
 * @import { Translate } from "./texts.js"
 */

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);

/** What a kernel's status is called. */
const STATUS = /** @type {Record<string, string>} */ ({
  starting: "The kernel is starting.",
  restarting: "The kernel is starting.",
  autorestarting: "The kernel ended and is starting anew.",
  idle: "Ready.",
  busy: "Running.",
  dead: "The kernel has ended. Restart it.",
  terminating: "The kernel has ended. Restart it.",
  disconnected: "The connection to the hub is lost; trying again.",
});

export class HubLiveElement extends HTMLElement {
  /** @type {Translate} */
  #t = (text) => text;
  /** @type {LiveCells | null} */
  #cells = null;
  /** @type {AbortController | null} */
  #asking = null;

  #start = button("main start", "", () => void this.#begin());
  #all = button("quiet all", "", () => void this.#cells?.runAll());
  #interrupt = button("quiet interrupt", "", () => void this.#cells?.interrupt());
  #restart = button("quiet restart", "", () => void this.#cells?.restart());
  #lab = make("a", { class: "lab", target: "_blank", rel: "noopener" });
  #tools = make("span", { class: "tools", hidden: "" }, this.#all, this.#interrupt, this.#restart, this.#lab);
  #status = make("p", { class: "status", role: "status" });

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(make("div", { class: "row" }, this.#start, this.#tools), this.#status);
  }

  connectedCallback() {
    this.hidden = !findCells(document).length;
    void this.#translate();
  }

  disconnectedCallback() {
    this.#asking?.abort();
  }

  async #translate() {
    const texts = textsFor(this, "live-lang");
    this.#t = texts instanceof Promise ? await texts : texts;
    this.#start.replaceChildren(this.#t("Run the cells here"));
    this.#all.textContent = this.#t("Run all");
    this.#interrupt.textContent = this.#t("Interrupt");
    this.#restart.textContent = this.#t("Restart");
    this.#lab.textContent = this.#t("Open in JupyterLab");
  }

  /** The launch control whose spec and hub count. */
  get control() {
    const name = this.getAttribute("for");
    const found = name ? document.getElementById(name) : document.querySelector("hub-launch");
    return /** @type {any} */ (found);
  }

  /** Ask for a session, and make the cells live. */
  async #begin() {
    const [hub] = recall();
    if (!hub) {
      this.control.addEventListener("hubfound", () => this.#say(this.#t("Press again to run the cells there.")), { once: true });
      this.control.choose(false);
      return;
    }
    this.#start.disabled = true;
    this.#asking = new AbortController();
    try {
      const { spec, place } = this.control.launches;
      const live = hub.launch.find(({ kind }) => kind === "live");
      const session = live ? await this.#session(hub, live, spec, place) : null;
      if (!session && hub.kind !== "binderhub") throw cannot(hub);
      this.#say(this.#t("Starting a kernel."));
      await this.#enliven(hub, session, spec, place.labpath ?? "");
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#start.disabled = false;
    }
  }

  /**
   * @param {Hub} hub
   * @param {import("./types.js").LaunchWay} way
   * @param {import("./types.js").BinderSpec} spec
   * @param {import("./types.js").SessionPlace} place
   */
  #session(hub, way, spec, place) {
    const raw = formatSpec(spec).slice(spec.provider.length + 1);
    const url = expand(way, hub.url, {
      provider: spec.provider,
      spec: raw,
      labpath: place.labpath,
      envpath: place.env_path,
      live: location.origin,
    });
    this.#say(this.#t("Agree in the window of {hub}.", { hub: hub.name }));
    return sessionFrom(url, /** @type {AbortController} */ (this.#asking).signal);
  }

  /**
   * @param {Hub} hub
   * @param {LiveSession | null} session null where thebe launches by itself
   * @param {import("./types.js").BinderSpec} spec
   * @param {string} path
   */
  async #enliven(hub, session, spec, path) {
    const thebe = await loadThebe(this.getAttribute("thebe") ?? "");
    const cells = new LiveCells(thebe, findCells(document), this.#t);
    const server = session
      ? { serverSettings: { baseUrl: session.url, token: session.token, appendToken: true } }
      : {
          binderOptions: {
            binderUrl: hub.url.replace(/\/$/, ""),
            repo: spec.repository,
            ref: spec.ref || "HEAD",
            repoProvider: { gh: "github", gl: "gitlab" }[spec.provider] ?? spec.provider,
          },
        };
    const kernel = { path: path || "page.ipynb", kernelName: this.getAttribute("kernel") || "python3" };
    const { url, token } = await cells.start(server, !session, kernel, (status) => this.#kernel(status));
    this.#cells = cells;
    this.#start.hidden = true;
    this.#tools.hidden = false;
    this.#all.focus();
    const urlpath = path ? `lab/tree/${path.split("/").map(encodeURIComponent).join("/")}` : "lab";
    this.#lab.setAttribute("href", sessionUrl(url, { token, urlpath }));
    this.dispatchEvent(new CustomEvent("live", { bubbles: true, composed: true, detail: { hub: hub.url } }));
  }

  /** @param {string} status */
  #kernel(status) {
    this.dataset.kernel = status;
    this.#say(this.#t(STATUS[status] ?? "Ready."));
  }

  /** @param {string} text */
  #say(text) {
    this.#status.classList.remove("problem");
    this.#status.replaceChildren(text);
  }

  /** @param {unknown} error */
  #fail(error) {
    const known =
      error instanceof HubroamError
        ? error
        : new HubroamError(
            "live-failed",
            "The cells could not be connected to the hub.",
            "Press again; or open the page in JupyterLab.",
          );
    const [message = "", next = ""] = textsOf(known, this.#t);
    this.#status.replaceChildren(make("b", {}, message), ` ${next}`);
    this.#status.classList.add("problem");
    if (known !== error) console.error(error);
  }
}

/** @param {Hub} hub */
function cannot({ name }) {
  return new HubroamError(
    "live-not-served",
    "{hub} does not run the cells of other sites’ pages.",
    "Open the page in JupyterLab instead, or choose another hub.",
    { hub: name },
  );
}
