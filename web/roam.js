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

const SCHEME = "web+binder:";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
/** The base of the hub that serves this page; empty on another host. */
const home = main.dataset.hub ? new URL(main.dataset.hub, location.href).href : "";

function show() {
  const { link, handled } = readFragment();
  const [hub] = recall();
  part("about").hidden = Boolean(link);
  part("open").hidden = part("what").hidden = !link;
  part("handler").hidden = !home || Boolean(link) || !("registerProtocolHandler" in navigator);
  part("forget").hidden = !hub;
  part("hubs").textContent = hub && hub !== HANDLER ? `Your hub: ${hub.name}` : "";
  if (!link?.spec) return;
  const { spec, content, labpath, filepath, urlpath } = link;
  const place = { labpath, filepath, urlpath };
  // The reader made this hub the one for such links, so it is the one that is meant.
  if (handled && home) {
    const launch = [{ kind: "binder", url_template: "v2/{provider}/{+spec}{?urlpath,labpath,filepath}" }];
    const here = { url: home, kind: /** @type {const} */ ("hubroam"), name: "", logo: null, launch };
    go(launchUrl(here, spec, place, content));
  } else if (hub && hub !== HANDLER) {
    go(launchUrl(hub, spec, place, content));
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
  set("urlpath", filepath ? `tree/${filepath.split("/").map(encodeURIComponent).join("/")}` : urlpath);
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
  const scheme = new RegExp(`^${SCHEME}|^${encodeURIComponent(SCHEME)}`, "i");
  const handled = scheme.test(text);
  part("problem").textContent = "";
  if (!text) return { link: null, handled };
  try {
    // A browser encodes the whole link that it hands over.
    if (handled) text = (/^web\+binder:/i.test(text) ? text : decodeURIComponent(text)).slice(SCHEME.length);
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
part("register").addEventListener("click", () => {
  navigator.registerProtocolHandler("web+binder", `${home}roam#%s`);
  part("registered").textContent =
    "Your browser now asks you, or has asked already. Its settings undo it.";
});
watch(show);
addEventListener("hashchange", show);
if (!customElements.get("hub-launch")) customElements.define("hub-launch", HubLaunchElement);
show();
