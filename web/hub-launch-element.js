/**
 * `<hub-launch>`: opens a page of a book as a live notebook on the reader's own hub.
 *
 *     <hub-launch provider="gh" repo="user/book" ref="main" path="notebooks/start.ipynb"></hub-launch>
 *
 * It asks the hubs that the author suggests and the reader names what they are, when the reader
 * opens the dialog, and nobody at any other time.
 */
import { describe, HubDialog } from "./hub-dialog.js";
import { button, make } from "./dom.js";
import { HubroamError } from "./errors.js";
import { style } from "./hub-launch-style.js";
import { launchUrl, otherwise } from "./launching.js";
import { forget, HANDLER, recall, remember, watch } from "./memory.js";
import { makeSpec, PROVIDERS } from "./spec.js";
import { textsFor, textsOf } from "./texts.js";

/**
 * @import { Hub } from "./types.js"
 * @import { Translate } from "./texts.js"
 */

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);

/** Attributes, events, custom properties and parts: `docs/reference/hub-launch.md`. */
export class HubLaunchElement extends HTMLElement {
  static observedAttributes = [
    "provider",
    "repo",
    "ref",
    "path",
    "urlpath",
    "env-provider",
    "env-repo",
    "env-ref",
    "env-path",
    "label",
    "lang",
  ];

  /** @type {Translate} */
  #t = (text) => text;
  /** @type {ReturnType<typeof textsFor> | null} the texts asked for last */
  #texts = null;
  /** @type {Hub | null} */
  #hub = null;
  /** @type {HubDialog | null} */
  #dialog = null;
  #stopWatching = () => {};
  #broken = false;

  #launch = button("main launch", "", () => (this.#hub ? this.#open() : this.choose()));
  #where = make("span", { class: "hub" });
  #change = button("quiet change", "", () => this.choose(false));
  #copy = button("quiet copy", "", () => void this.#copyLink());
  #status = make("p", { class: "status", role: "status" });

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(
      make("div", { class: "row" }, this.#launch, this.#where, this.#change, this.#copy),
      this.#status,
    );
  }

  connectedCallback() {
    this.#stopWatching = watch(() => this.#render());
    this.#translate();
  }

  disconnectedCallback() {
    this.#stopWatching();
    this.#dialog?.element.close();
  }

  attributeChangedCallback() {
    if (!this.isConnected) return;
    this.#say(); // of what is no longer asked for
    this.#translate();
  }

  /** Find the texts; the button works while they load. */
  #translate() {
    const texts = (this.#texts = textsFor(this));
    if (texts instanceof Promise) {
      void texts.then((t) => {
        if (this.#texts !== texts) return; // the page has changed its mind
        this.#t = t;
        this.#write();
      });
    } else {
      this.#t = texts;
    }
    this.#write();
  }

  #write() {
    const label = this.getAttribute("label"); // the author's words, in the page's language
    this.#launch.replaceChildren(make("span", { class: "mark" }), label || this.#t("Launch"));
    this.#change.textContent = this.#t("Change hub");
    this.#copy.textContent = this.#t("Copy link");
    for (const part of [this.#launch, this.#where, this.#change, this.#copy, this.#status]) {
      part.lang = this.#t("en");
    }
    if (label) this.#launch.removeAttribute("lang");
    this.#render();
  }

  /** Show the chosen hub, and whether there is something to launch. */
  #render() {
    const [hub = null] = recall();
    if (hub?.url !== this.#hub?.url) this.#say();
    this.#hub = hub;
    const [on = "", after = ""] = this.#t("on {hub}").split("{hub}");
    const name = this.#hub === HANDLER ? this.#t("this browser’s Binder hub") : this.#hub?.name;
    this.#where.replaceChildren(...(name ? [on, make("b", {}, name), after] : []));
    this.#where.hidden = this.#change.hidden = this.#copy.hidden = !this.#hub;
    try {
      void this.launches;
      if (this.#broken) this.#say();
      this.#broken = false;
    } catch (error) {
      this.#broken = true;
      this.#fail(error, `${this.#t("This button is not set up right.")} `);
    }
    this.#launch.disabled = this.#copy.disabled = this.#broken;
  }

  /**
   * What the attributes name: the repository of the environment, that of the content if it is
   * another, and the place in it.
   * @throws {HubroamError} they name none
   */
  get launches() {
    const content = this.#spec("");
    const environment = this.getAttribute("env-repo") ? this.#spec("env-") : null;
    const [labpath, urlpath, env_path] = ["path", "urlpath", "env-path"].map((name) => this.getAttribute(name));
    const place = { labpath, urlpath, env_path };
    return { spec: environment ?? content, content: environment && content, place };
  }

  /** @param {string} prefix of the attributes' names */
  #spec(prefix) {
    const [provider, repo, ref] = ["provider", "repo", "ref"].map((name) => this.getAttribute(prefix + name));
    return makeSpec(provider || "gh", repo ?? "", ref || PROVIDERS.get(provider || "gh")?.ref || "");
  }

  /** @param {Hub} hub */
  #link(hub) {
    const { spec, content, place } = this.launches;
    return launchUrl(hub, spec, place, content);
  }

  /** Open the book on the reader's hub; called in a click, so that no blocker minds the tab. */
  #open() {
    const hub = this.#hub;
    if (!hub) return;
    let url;
    let notes;
    try {
      const { spec, content, place } = this.launches;
      url = this.#link(hub);
      notes = otherwise(hub, spec, place, content);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!this.#tell("launch", { url, hub: hub.url, kind: hub.kind })) return;
    window.open(url, "_blank", "noreferrer");
    // With `noreferrer` a page cannot learn whether the tab opened, so the way by hand stays.
    this.#say(
      hub === HANDLER ? "" : `${describe(hub, this.#t)} `,
      ...notes.map((note) => `${this.#t(note)} `),
      `${this.#t("This page opens there in a new tab.")} `,
      anchor(url, this.#t("No tab? Open it here.")),
    );
  }

  async #copyLink() {
    if (!this.#hub) return;
    try {
      const url = this.#link(this.#hub);
      try {
        await navigator.clipboard.writeText(url); // there is none over plain http
        this.#say(this.#t("The link is copied."));
      } catch {
        this.#say(`${this.#t("Copy link")}: `, anchor(url, url));
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Let the reader choose a hub.
   * @param {boolean} [andLaunch] whether the reader waits for the book
   */
  choose(andLaunch = true) {
    this.#say();
    this.#dialog?.element.close();
    const names = `${this.getAttribute("hubs") ?? ""} ${this.getAttribute("hub") ?? ""}`;
    const dialog = (this.#dialog = new HubDialog({
      t: this.#t,
      suggested: names.split(/\s+/).filter(Boolean),
      known: recall(),
      chosen: (hub, version) => this.#chosen(hub, version, andLaunch),
      lost: ({ url, kind, problem }) => this.#tell("hublost", { url, kind, problem }),
      forget: () => this.#forget(),
    }));
    this.shadowRoot?.append(dialog.element);
    dialog.element.addEventListener("close", () => dialog.element.remove());
    dialog.open();
  }

  /**
   * @param {Hub} hub
   * @param {string | null} version
   * @param {boolean} andLaunch
   */
  #chosen(hub, version, andLaunch) {
    const kept = remember(hub);
    this.#dialog?.element.close();
    this.#tell("hubfound", { url: hub.url, kind: hub.kind, name: hub.name, version });
    // Some seconds after Enter a browser may take a new tab for a popup; then the reader presses.
    if (andLaunch && navigator.userActivation?.isActive) {
      this.#open();
    } else {
      const what = hub === HANDLER ? "" : `${describe(hub, this.#t)} `;
      this.#say(what, this.#t("Press Launch to open this page there."));
    }
    if (!kept) {
      this.#status.append(` ${this.#t("This browser blocks storage and cannot remember the hub.")}`);
    }
  }

  #forget() {
    const hub = this.#hub;
    this.#dialog?.element.close();
    forget();
    this.#launch.focus(); // the button that had opened the dialog may be gone
    this.#say(this.#t("Your hubs are forgotten."));
    if (hub) this.#tell("hublost", { url: hub.url, kind: hub.kind, problem: null });
  }

  /** @param {(string | Node)[]} content */
  #say(...content) {
    this.#status.classList.remove("problem");
    this.#status.replaceChildren(...content);
  }

  /**
   * Say what is wrong and what to do; anything but a `HubroamError` is a bug, and thrown on.
   * @param {unknown} error
   * @param {string} [before]
   */
  #fail(error, before = "") {
    if (!(error instanceof HubroamError)) throw error;
    const [message, next] = textsOf(error, this.#t);
    this.#say(make("b", {}, before + message), ` ${next}`);
    this.#status.classList.add("problem");
  }

  /**
   * @param {string} type
   * @param {object} detail
   * @returns {boolean} false when it was cancelled
   */
  #tell(type, detail) {
    const cancelable = type === "launch";
    return this.dispatchEvent(
      new CustomEvent(type, { bubbles: true, composed: true, cancelable, detail }),
    );
  }
}

/**
 * @param {string} href
 * @param {string} text
 */
function anchor(href, text) {
  return make("a", { href, target: "_blank", rel: "noreferrer" }, text);
}
