/** A session for the cells of this page, from a hub, when the reader agrees to it there. */
import { HubroamError } from "./errors.js";

/**
 * @import { LiveSession } from "./types.js"
 */

/** Milliseconds between looks at whether the reader has closed the hub's window. */
const LOOK = 500;

/**
 * Open the hub's page and wait for what it hands over; to be called in a click.
 * @param {string} url the launch link of the way `live`
 * @param {AbortSignal} signal gives up; the window is closed then
 * @returns {Promise<LiveSession>}
 * @throws {HubroamError} `live-blocked`: the browser opened no window; `live-declined`: the reader
 *   closed it, or did not agree
 */
export function sessionFrom(url, signal) {
  const hub = new URL(url).origin;
  const opened = window.open(url, "_blank", "popup,width=560,height=720");
  if (!opened) {
    return Promise.reject(
      new HubroamError(
        "live-blocked",
        "The browser did not open the hub’s window.",
        "Allow windows of this page, then press again.",
      ),
    );
  }
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const end = (/** @type {() => void} */ settle) => {
      done.abort();
      clearInterval(looking);
      settle();
    };
    const declined = () =>
      end(() =>
        reject(
          new HubroamError(
            "live-declined",
            "The hub’s window was closed before the session was there.",
            "Press again when you want to run the cells.",
          ),
        ),
      );
    const looking = setInterval(() => opened.closed && declined(), LOOK);
    addEventListener(
      "message",
      ({ origin, source, data }) => {
        if (origin !== hub || source !== opened || data?.type !== "hub-session") return;
        if (typeof data.url !== "string" || typeof data.token !== "string") declined();
        // what a hub says is a stranger's word: its session is on its own origin
        else if (new URL(data.url, hub).origin !== hub) declined();
        else end(() => resolve({ url: data.url, token: data.token }));
      },
      { signal: done.signal },
    );
    signal.addEventListener("abort", () => {
      opened.close();
      declined();
    });
  });
}
