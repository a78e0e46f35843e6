/**
 * The roam page: a universal link, `…/roam#<provider>/<spec>?labpath=…`, goes to the reader's own
 * hub, and asks once when there is none.  The fragment never reaches a server.
 */
import { HubroamError } from "./errors.js";
import { HubLaunchElement } from "./hub-launch-element.js";
import { parseLaunchLink } from "./launch-link.js";
import { launchUrl } from "./launching.js";
import { forget, HANDLER, recall, watch } from "./memory.js";

/** @import { BinderSpec, LaunchLink } from "./types.js" */

/** A link that the browser's handler brought: it encodes the whole of it. */
const HANDLED = /^web(?:\+|%2B)binder(?::|%3A)/i;
/** How a hub of ours launches: this one, where it serves the page. */
const WAY = { kind: "binder", url_template: "v2/{provider}/{+spec}{?urlpath,labpath,filepath,envpath}" };

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
/** The base of the hub that serves this page; empty on another host. */
const home = main.dataset.hub ? new URL(main.dataset.hub, location.href).href : "";

/** Whether the reader was asked for a hub: once is enough, then there is the button. */
let asked = false;

function show() {
  const { link, handled } = readFragment();
  const [known] = recall();
  part("about").hidden = Boolean(link);
  part("open").hidden = part("what").hidden = !link;
  part("forget").hidden = !known;
  part("hubs").textContent = known && known !== HANDLER ? `Your hub: ${known.name}` : "";
  if (!link?.spec) return;
  const { spec, content, labpath, filepath, urlpath, env_path } = link;
  // The reader made this hub the one for such links, so it is the one that is meant.
  const here = { url: home, kind: /** @type {const} */ ("hubroam"), name: "", logo: null, launch: [WAY] };
  const hub = handled && home ? here : known;
  if (hub && hub !== HANDLER) {
    try {
      go(launchUrl(hub, spec, { labpath, filepath, urlpath, env_path }, content));
    } catch (error) {
      if (!(error instanceof HubroamError)) throw error;
      part("problem").textContent = `${error.message} ${error.next_step}`; // with the control below
    }
  }
  part("what").textContent = (content ?? spec).repository;
  const control = main.querySelector("hub-launch");
  control?.setAttribute("hub", home);
  for (const [prefix, each] of [["", content ?? spec], ["env-", content && spec]]) {
    const { provider, repository, ref } = /** @type {BinderSpec} */ (each) ?? {};
    set(`${prefix}provider`, provider);
    set(`${prefix}repo`, repository);
    set(`${prefix}ref`, ref);
  }
  set("path", labpath);
  set("env-path", env_path);
  set("urlpath", filepath ? `tree/${filepath.split("/").map(encodeURIComponent).join("/")}` : urlpath);
  if (!hub && control instanceof HubLaunchElement && !asked) control.choose();
  asked = true;
}

/**
 * @param {string} name
 * @param {string | undefined} value
 */
function set(name, value) {
  const control = main.querySelector("hub-launch");
  if (value) control?.setAttribute(name, value);
  else control?.removeAttribute(name);
}

/** @param {string} url */
function go(url) {
  location.replace(url);
}

/**
 * What the address names, and whether the browser's protocol handler brought the reader here.
 * @returns {{link: LaunchLink | null, handled: boolean}}
 */
function readFragment() {
  let text = location.hash.slice(1);
  const handled = HANDLED.test(text);
  part("problem").textContent = "";
  if (!text) return { link: null, handled };
  try {
    if (handled) text = (text.includes(":") ? text : decodeURIComponent(text)).replace(HANDLED, "");
    return { link: parseLaunchLink(`https://hub.invalid/v2/${text.replace(/^\/+/, "")}`), handled };
  } catch (error) {
    const known = error instanceof HubroamError || error instanceof URIError;
    if (!known) throw error;
    part("problem").textContent = "This link names no repository that Binder knows. Check it where you found it.";
    return { link: null, handled };
  }
}

main.addEventListener("launch", (event) => {
  event.preventDefault(); // in this tab, which has served its purpose
  go(/** @type {CustomEvent} */ (event).detail.url);
});
part("forget").addEventListener("click", forget);
watch(show);
addEventListener("hashchange", show);
if (!customElements.get("hub-launch")) customElements.define("hub-launch", HubLaunchElement);
show();
