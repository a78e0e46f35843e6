/** The dialog in which a reader names a hub. */
import { discover } from "./discovery.js";
import { button, make } from "./dom.js";
import { assumedHub, hubBases } from "./inquiry.js";
import { HANDLER, hubOf } from "./memory.js";
import { textsOf } from "./texts.js";

/**
 * @import { HubroamError } from "./errors.js"
 * @import { Discovery, Hub } from "./types.js"
 * @import { Translate } from "./texts.js"
 */

/** @type {Record<string, string>} */
const KINDS = {
  hubroam: "{name} is a Binder hub.",
  binderhub: "{name} is a BinderHub.",
  jupyterhub: "{name} is a JupyterHub without Binder: it brings its own environment. If it shows 404, it lacks nbgitpuller.",
  jupyterlite: "{name} is a JupyterLite site: it opens its own files, in this browser.",
  "jupyter-server": "{name} is a Jupyter server: it brings its own environment. If it shows 404, it lacks nbgitpuller.",
};
/** The problems that leave open whether a hub is there. */
const UNKNOWN = ["origin-refused", "hub-unreachable", "hub-too-slow"];

/**
 * What to say of a hub.
 * @param {Hub} hub
 * @param {Translate} t
 */
export const describe = ({ kind, name }, t) => t(KINDS[kind] ?? "{name}", { name });

export class HubDialog {
  /** @type {AbortController | null} the question under way */
  #asking = null;

  /**
   * @param {object} options
   * @param {Translate} options.t
   * @param {string[]} options.suggested addresses that the author suggests
   * @param {Hub[]} options.known the reader's
   * @param {(hub: Hub, version: string | null) => void} options.chosen
   * @param {(found: Discovery) => void} options.lost
   * @param {() => void} options.forget
   */
  constructor({ t, suggested, known, chosen, lost, forget }) {
    this.t = t;
    this.chosen = chosen;
    this.lost = lost;
    this.input = make("input", {
      id: "address",
      class: "input",
      dir: "ltr",
      inputmode: "url",
      autocomplete: "url",
      autocapitalize: "none",
      spellcheck: "false",
      list: "known",
      placeholder: "hub.example.org",
      "aria-describedby": "hint answer",
    });
    this.status = make("p", { id: "answer", class: "status", role: "status" });
    this.kinds = make("div", { class: "row kinds", hidden: "" });
    this.form = make(
      "form",
      { class: "form" },
      make("label", { for: "address", class: "label" }, t("Your hub’s address")),
      make(
        "div",
        { class: "row" },
        this.input,
        make("button", { class: "main submit" }, t("Use this hub")),
      ),
      make("p", { id: "hint", class: "hint" }, t("Any page of your JupyterHub or BinderHub will do. Only this browser remembers it.")),
    );
    const choices = new Map(known.map((hub) => [hub.url, this.#choice(hub, t("Used before"))]));
    for (const address of suggested) this.#suggest(address, choices);
    this.element = make(
      "dialog",
      { class: "dialog", lang: t("en"), "aria-labelledby": "title", closedby: "any" },
      make("h2", { id: "title", class: "title" }, t("Where do you want to run it?")),
      make("ul", { class: "hubs", ...(choices.size ? {} : { hidden: "" }) }, ...choices.values()),
      this.form,
      make("datalist", { id: "known" }, ...[...choices.keys()].filter((url) => url !== HANDLER.url).map((value) => make("option", { value }))),
      this.status,
      this.kinds,
      make(
        "div",
        { class: "row foot" },
        button("quiet cancel", t("Cancel"), () => this.element.close()),
        ...(known.length ? [button("quiet forget", t("Forget my hubs"), forget)] : []),
        button("quiet handler", t("This browser’s Binder hub"), () => chosen(HANDLER, null)),
      ),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#ask(this.input.value);
    });
    this.input.addEventListener("input", (event) => this.#typed(event));
    this.element.addEventListener("close", () => this.#asking?.abort());
  }

  /** Show it; whoever had the focus gets it back at the end. */
  open() {
    this.element.showModal();
    this.input.focus();
  }

  /**
   * @param {Hub} hub
   * @param {string} tag
   */
  #choice(hub, tag) {
    const { t } = this;
    const host = hub.kind === "handler" ? "" : hub.url.replace(/^https?:\/\/|\/$/g, "");
    const name = hub.kind === "handler" ? t("This browser’s Binder hub") : hub.name;
    const about = [name === host ? "" : host, tag].filter(Boolean).join(" · ");
    const texts = make("span", { class: "about" }, make("b", {}, name), make("span", { class: "hint" }, about));
    const pressed = () => (hub.launch.length || hub === HANDLER ? this.chosen(hub, null) : void this.#ask(hub.url));
    return make("li", {}, button("choice", [logo(hub), texts], pressed));
  }

  /**
   * An author's suggestion: its name and logo come from the hub itself.
   * @param {string} address
   * @param {Map<string, HTMLLIElement>} choices
   */
  #suggest(address, choices) {
    let url;
    try {
      [url = ""] = hubBases(address);
    } catch {
      return; // the author's mistake is no news for readers
    }
    if (choices.has(url)) return;
    const tag = this.t("Suggested");
    const choice = this.#choice(assumedHub(url, "none"), tag);
    choices.set(url, choice);
    void discover(address).then((found) => {
      if (!found.problem) choice.replaceChildren(...this.#choice(hubOf(found), tag).childNodes);
    });
  }

  /**
   * Typing on ends a question; what was pasted or picked is asked for at once.
   * @param {Event} event
   */
  #typed(event) {
    this.#asking?.abort();
    this.#say("");
    const how = /** @type {InputEvent} */ (event).inputType;
    const whole = !how || how === "insertFromPaste" || how === "insertReplacementText";
    if (whole && this.input.value.trim()) void this.#ask(this.input.value);
  }

  /**
   * Ask an address what it is.
   * @param {string} text
   */
  async #ask(text) {
    if (!text.trim()) {
      this.input.focus();
      return;
    }
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    this.form.setAttribute("aria-busy", "true");
    this.#say(this.t("Asking the hub…"));
    try {
      const found = await discover(text, { signal: asking.signal });
      if (this.#asking !== asking || asking.signal.aborted) return;
      if (found.problem) {
        this.#fail(found.problem);
        if (UNKNOWN.includes(found.problem.code)) this.#offerKinds(found.url);
        this.lost(found);
      } else {
        const hub = hubOf(found);
        this.#say(describe(hub, this.t));
        this.chosen(hub, found.version);
      }
    } catch (error) {
      if (!asking.signal.aborted) throw error;
    } finally {
      if (this.#asking === asking) this.form.removeAttribute("aria-busy");
    }
  }

  /**
   * Let the reader say what could not be found out.
   * @param {string} url
   */
  #offerKinds(url) {
    const offer = (/** @type {"binderhub" | "jupyterhub"} */ kind, /** @type {string} */ label) =>
      button("quiet kind", label, () => this.chosen(assumedHub(url, kind), null));
    this.kinds.replaceChildren(
      this.t("You know it? It is"),
      offer("binderhub", this.t("a BinderHub")),
      offer("jupyterhub", this.t("a JupyterHub")),
    );
    this.kinds.hidden = false;
  }

  /** @param {string} text */
  #say(text) {
    this.kinds.hidden = true;
    this.input.removeAttribute("aria-invalid");
    this.status.classList.remove("problem");
    this.status.replaceChildren(text);
  }

  /** @param {HubroamError} error */
  #fail(error) {
    const [message = "", next = ""] = textsOf(error, this.t);
    this.#say("");
    this.status.replaceChildren(make("b", {}, message), ` ${next}`);
    this.status.classList.add("problem");
    this.input.setAttribute("aria-invalid", "true");
    this.input.focus();
  }
}

/**
 * A hub's own logo, from the hub itself; the play mark where there is none.
 * @param {Hub} hub
 */
function logo({ url, logo: path }) {
  if (!path) return make("span", { class: "mark" });
  const image = make("img", { class: "logo", alt: "", referrerpolicy: "no-referrer", src: url + path });
  image.addEventListener("error", () => image.replaceWith(make("span", { class: "mark" })));
  return image;
}
