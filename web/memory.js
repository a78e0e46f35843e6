/**
 * The hubs a reader used, kept in this browser and nowhere else; where storage is blocked, for as
 * long as the page lives.  All controls of the site hear of a change, in other tabs too.
 */
import { hubBase } from "./links.js";
import { readProfile } from "./profile.js";

/**
 * @import { Discovery, Hub } from "./types.js"
 */

const KEY = "hubroam.hubs";
const MOST = 8;
const REMEMBERED = /^(?:hubroam|binderhub|jupyterhub|jupyterlite|jupyter-server)$/;
const listeners = /** @type {Set<() => void>} */ (new Set());
/** @type {Hub[] | null} */
let unsaved = null;

/** The hub that this browser opens `web+binder:` links with, whichever that is. */
export const HANDLER = /** @type {Hub} */ ({
  url: "web+binder:",
  kind: "handler",
  name: "",
  logo: null,
  launch: [],
});

/**
 * A hub to remember.
 * @param {Discovery} found
 * @returns {Hub}
 */
export function hubOf({ url, kind, name, launch, profile }) {
  const { host, pathname } = new URL(url);
  return {
    url,
    kind: /** @type {Hub["kind"]} */ (kind),
    name: name ?? host + pathname.replace(/\/$/, ""),
    logo: profile?.logo ?? null,
    launch,
  };
}

/**
 * The hubs, the chosen one first.  Any script of the site may have written what is stored, so it
 * is checked.
 * @returns {Hub[]}
 */
export function recall() {
  if (unsaved) return unsaved;
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return stored.slice(0, MOST).flatMap(readStored);
  } catch {
    return []; // Blocked, or not ours.
  }
}

/**
 * @param {any} stored
 * @returns {Hub[]} none or one
 */
function readStored({ url, kind, ...rest }) {
  if (kind === HANDLER.kind) return [HANDLER];
  const profile = readProfile({ hub_profile: { format: 1, ...rest } });
  if (!profile || hubBase(url) !== url || !REMEMBERED.test(kind)) return [];
  return [{ url, kind, name: profile.name, logo: profile.logo, launch: profile.launch }];
}

/**
 * Choose a hub.
 * @param {Hub} hub
 * @returns {boolean} whether it is kept longer than this page
 */
export function remember(hub) {
  const hubs = [hub, ...recall().filter(({ url }) => url !== hub.url)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(hubs));
    unsaved = null;
  } catch {
    unsaved = hubs;
  }
  tell();
  return !unsaved;
}

export function forget() {
  unsaved = null;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Blocked, so nothing is there.
  }
  tell();
}

/**
 * @param {() => void} listener hears of every change
 * @returns {() => void} stops it
 */
export function watch(listener) {
  if (!listeners.size) {
    addEventListener("storage", heard);
    addEventListener("pageshow", tell); // a page that the back button woke up heard nothing
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    removeEventListener("storage", heard);
    removeEventListener("pageshow", tell);
  };
}

/** @param {StorageEvent} event */
function heard({ key }) {
  if (key === KEY || key === null) tell();
}

function tell() {
  for (const listener of listeners) listener();
}
