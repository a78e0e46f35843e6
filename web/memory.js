/**
 * The hub a reader chose, kept in this browser and nowhere else; where storage is blocked, for as
 * long as the page lives.  All controls of the site hear of a change, in other tabs too.
 */
import { hubBase } from "./links.js";

/**
 * @import { Hub } from "./types.js"
 */

const KEY = "hubroam.hub";
const listeners = /** @type {Set<() => void>} */ (new Set());
/** @type {Hub | null} */
let unsaved = null;

/**
 * The chosen hub.  Any script of the site may have written what is stored, so it is checked.
 * @returns {Hub | null}
 */
export function recall() {
  if (unsaved) return unsaved;
  try {
    const { url, kind } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (hubBase(url) === url && /^(?:binder|jupyter)hub$/.test(kind)) return { url, kind };
  } catch {
    // Blocked, or not ours.
  }
  return null;
}

/**
 * @param {Hub} hub
 * @returns {boolean} whether it is kept longer than this page
 */
export function remember(hub) {
  try {
    localStorage.setItem(KEY, JSON.stringify(hub));
    unsaved = null;
  } catch {
    unsaved = hub;
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
  if (!listeners.size) addEventListener("storage", heard);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (!listeners.size) removeEventListener("storage", heard);
  };
}

/** @param {StorageEvent} event */
function heard({ key }) {
  if (key === KEY || key === null) tell();
}

function tell() {
  for (const listener of listeners) listener();
}
