/**
 * `<hub-launch>`: opens a page of a book as a live notebook on the reader's own hub.
 *
 *     <hub-launch provider="gh" repo="user/book" ref="main" path="notebooks/start.ipynb"></hub-launch>
 *
 * It asks a hub what it is when the reader names one, and nobody at any other time.
 */
import { discover } from "./discovery.js";
import { HubroamError } from "./errors.js";
import { style } from "./hub-launch-style.js";
import { binderhubLink, jupyterhubLink } from "./links.js";
import { forget, recall, remember, watch } from "./memory.js";
import { makeSpec, PROVIDERS } from "./spec.js";

/**
 * @import { Discovery, Hub } from "./types.js"
 */

const KINDS = {
  binderhub: "a BinderHub",
  jupyterhub: "a JupyterHub without Binder, so it brings its own environment",
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);

/**
 * Attributes: `provider` (`gh` if left out), `repo`, `ref` (the default branch if left out), `path`
 * (a file of the book, opened in JupyterLab), `urlpath` (a URL path below the session, instead of
 * `path`), `hub` (the author's suggestion, for readers who have named none).
 *
 * Events, bubbling and composed: `hubfound` (`detail`: `url`, `kind`, `version`), `hublost` (`url`,
 * `kind`, `problem`), `launch` (`url`, `hub`, `kind`; cancel it to open the URL in your own way).
 *
 * Looks: every class below is a part too; the custom properties are in `hub-launch-style.js`.
 */
export class HubLaunchElement extends HTMLElement {
  static observedAttributes = ["provider", "repo", "ref", "path", "urlpath"];

  /** @type {Hub | null} */
  #hub = null;
  /** Whether the reader pressed Launch before naming a hub, and so waits for the book. */
  #launchWhenFound = false;
  /** @type {AbortController | null} the question under way */
  #asking = null;
  #stopWatching = () => {};

  #launch = button("main launch", "", () => (this.#hub ? this.#open() : this.#show(true)));
  #where = make("span", { class: "hub" });
  #change = button("quiet change", "Change hub", () =>
    this.#form.hidden ? this.#show(false) : this.#close(),
  );
  #forget = button("quiet forget", "Forget my hub", () => this.#forgetHub());
  #input = make("input", {
    id: "address",
    class: "input",
    name: "hub",
    inputmode: "url",
    autocomplete: "url",
    autocapitalize: "none",
    spellcheck: "false",
    placeholder: "hub.example.org",
    "aria-describedby": "hint status",
  });
  #form = make(
    "form",
    { id: "form", class: "form", hidden: "" },
    make("label", { for: "address", class: "label" }, "Your hub’s address"),
    make(
      "div",
      { class: "row" },
      this.#input,
      make("button", { class: "main submit" }, "Use this hub"),
    ),
    make(
      "p",
      { id: "hint", class: "hint" },
      "The JupyterHub or BinderHub you use. Only this browser remembers it.",
    ),
    make(
      "div",
      { class: "row" },
      button("quiet cancel", "Cancel", () => this.#close()),
      this.#forget,
    ),
  );
  #status = make("p", { id: "status", class: "status", role: "status" });

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.#launch.append(make("span", { class: "mark" }), "Launch");
    root.append(
      make("div", { class: "row" }, this.#launch, this.#where, this.#change),
      this.#form,
      this.#status,
    );
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#ask(this.#input.value);
    });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
  }

  connectedCallback() {
    this.#stopWatching = watch(() => this.#render());
    this.#render();
  }

  disconnectedCallback() {
    this.#stopWatching();
    this.#asking?.abort();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#render();
  }

  /** Show the remembered hub, and whether there is something to launch. */
  #render() {
    this.#hub = recall();
    this.#where.replaceChildren(...(this.#hub ? ["on ", make("b", {}, nameOf(this.#hub.url))] : []));
    this.#where.hidden = this.#change.hidden = this.#forget.hidden = !this.#hub;
    this.#expanded();
    try {
      this.#spec();
      if (this.#launch.disabled) this.#say("");
      this.#launch.disabled = false;
    } catch (error) {
      this.#launch.disabled = true;
      this.#fail(error, "This button is not set up right. ");
    }
  }

  /** The spec that the attributes name. */
  #spec() {
    const provider = this.getAttribute("provider") || "gh";
    const ref = this.getAttribute("ref") || PROVIDERS.get(provider)?.ref || "";
    return makeSpec(provider, this.getAttribute("repo") ?? "", ref);
  }

  /** @param {Hub} hub */
  #link(hub) {
    const place = { labpath: this.getAttribute("path"), urlpath: this.getAttribute("urlpath") };
    const link = hub.kind === "binderhub" ? binderhubLink : jupyterhubLink;
    return link(hub.url, this.#spec(), place);
  }

  /** Open the book on the reader's hub; called in a click, so that no blocker minds the tab. */
  #open() {
    const hub = this.#hub;
    if (!hub) return;
    let url;
    try {
      url = this.#link(hub);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#hide();
    if (!this.#tell("launch", { url, hub: hub.url, kind: hub.kind })) return;
    window.open(url, "_blank", "noopener");
    // With `noopener` a page cannot learn whether the tab opened, so the way by hand stays.
    this.#say(
      `${nameOf(hub.url)} is ${KINDS[hub.kind]}. This page opens there in a new tab. `,
      make("a", { href: url, target: "_blank", rel: "noopener" }, "No tab? Open it here."),
    );
  }

  /**
   * Ask an address what it is; a hub is remembered.
   * @param {string} text
   */
  async #ask(text) {
    if (!text.trim()) {
      this.#fail(
        new HubroamError(
          "invalid-link",
          "Which hub?",
          "Paste its address from your browser; any page of it will do.",
        ),
      );
      return;
    }
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    this.#input.removeAttribute("aria-invalid");
    this.#form.setAttribute("aria-busy", "true");
    this.#say("Asking the hub…");
    try {
      const found = await discover(text, { signal: asking.signal });
      if (this.#asking === asking) this.#found(found);
    } catch (error) {
      if (!asking.signal.aborted) throw error;
    } finally {
      if (this.#asking === asking) {
        this.#asking = null;
        this.#form.removeAttribute("aria-busy");
      }
    }
  }

  /** @param {Discovery} discovery */
  #found({ url, kind, version, problem }) {
    if (kind === "none" || kind === "unreachable") {
      this.#fail(problem);
      this.#tell("hublost", { url, kind, problem });
      return;
    }
    const kept = remember({ url, kind });
    this.#close(this.#launch);
    this.#tell("hubfound", { url, kind, version });
    // Some seconds after Enter a browser may take a new tab for a popup; then the reader presses.
    if (this.#launchWhenFound && navigator.userActivation?.isActive) {
      this.#open();
    } else {
      this.#say(`${nameOf(url)} is ${KINDS[kind]}. Press Launch to open this page there.`);
    }
    if (!kept) this.#status.append(" This browser blocks storage and cannot remember the hub.");
  }

  #forgetHub() {
    const hub = this.#hub;
    this.#close(this.#launch); // first, while the button that is about to hide still has the focus
    forget();
    this.#say("Your hub is forgotten.");
    if (hub) this.#tell("hublost", { url: hub.url, kind: hub.kind, problem: null });
  }

  /**
   * Show the form.
   * @param {boolean} launchWhenFound
   */
  #show(launchWhenFound) {
    this.#launchWhenFound = launchWhenFound;
    this.#input.value ||= this.#hub?.url ?? this.getAttribute("hub") ?? "";
    this.#form.hidden = false;
    this.#expanded();
    this.#say("");
    this.#input.focus();
    this.#input.select();
  }

  /** Hide the form; a reader who was in it goes on at a button, by default the one it came from. */
  #close(next = this.#launchWhenFound ? this.#launch : this.#change) {
    const hadFocus = this.#form.contains(this.shadowRoot?.activeElement ?? null);
    this.#hide();
    this.#say("");
    if (hadFocus) next.focus();
  }

  #hide() {
    this.#asking?.abort();
    this.#form.hidden = true;
    this.#input.value = "";
    this.#input.removeAttribute("aria-invalid");
    this.#expanded();
  }

  /** Tell assistive technology which button the form belongs to. */
  #expanded() {
    const [opener, other] = this.#hub ? [this.#change, this.#launch] : [this.#launch, this.#change];
    opener.setAttribute("aria-controls", "form");
    opener.setAttribute("aria-expanded", String(!this.#form.hidden));
    other.removeAttribute("aria-controls");
    other.removeAttribute("aria-expanded");
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
    this.#say(make("b", {}, before + error.message), ` ${error.next_step}`);
    this.#status.classList.add("problem");
    if (this.#form.hidden) return;
    this.#input.setAttribute("aria-invalid", "true");
    this.#input.focus();
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
 * What to call a hub: its host, and its base path if it has one.
 * @param {string} url
 */
function nameOf(url) {
  const { host, pathname } = new URL(url);
  return host + pathname.replace(/\/$/, "");
}

/**
 * An element; by attributes and text only, so that a strict content security policy minds nothing.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} attributes
 * @param {(string | Node)[]} content
 */
function make(tag, attributes, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.setAttribute("part", element.className);
  element.append(...content);
  return element;
}

/**
 * @param {string} classes
 * @param {string} label
 * @param {() => void} pressed
 */
function button(classes, label, pressed) {
  const element = make("button", { type: "button", class: classes }, label);
  element.addEventListener("click", pressed);
  return element;
}
