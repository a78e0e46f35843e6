/** Ask an address, from a page on another origin, what kind of hub it is. */
import { HubroamError } from "./errors.js";
import { failure, Inquiry, isLoopback } from "./inquiry.js";

/**
 * @import { Answer, Discovery, DiscoveryOptions, Probe } from "./types.js"
 */

/** What hubs answered, for as long as the page lives.  Failures are asked again. */
const answered = /** @type {Map<string, Discovery>} */ (new Map());

/** Milliseconds until the other questions are asked though one of the first is still open. */
const PATIENCE = 1000;

/**
 * Ask what hub is at an address: every candidate at once, and nobody after the answer is known.
 * A hub that is well answers the first questions, in one round trip; only otherwise more follow.
 * The hub learns neither who reads nor what: no cookies, no referrer.
 * @param {string} text what a reader pasted: see `hubBases`
 * @param {DiscoveryOptions} [options]
 * @returns {Promise<Discovery>} rejected only when the signal is aborted, with its reason
 */
export async function discover(text, { signal, timeout = 5000, protocol, ...how } = {}) {
  let inquiry;
  try {
    inquiry = new Inquiry(text);
  } catch (error) {
    if (error instanceof HubroamError) return failure("", error);
    throw error;
  }
  const [base = ""] = inquiry.bases;
  const key = inquiry.bases.join(" ");
  const known = answered.get(key);
  if (known) return known;

  const { hostname, host } = new URL(base);
  const page = protocol ?? globalThis.location?.protocol;
  if (page === "https:" && base.startsWith("http:") && !isLoopback(hostname)) {
    const problem = new HubroamError(
      "mixed-content",
      "This page is secure (https) and {host} is not (http): the browser keeps them apart.",
      "Try https://{host}, or ask the hub’s operator for its https address.",
      { host },
    );
    return failure(base, problem);
  }

  const stop = new AbortController();
  const ends = [stop.signal, AbortSignal.timeout(timeout), ...(signal ? [signal] : [])];
  try {
    const found = await ask(inquiry, { signal: AbortSignal.any(ends), ...how });
    signal?.throwIfAborted();
    if (!found.problem) answered.set(key, found);
    return found;
  } finally {
    stop.abort();
  }
}

/**
 * @param {Inquiry} inquiry
 * @param {{signal: AbortSignal, fetch?: typeof globalThis.fetch}} how
 * @returns {Promise<Discovery>}
 */
function ask(inquiry, { signal, fetch = globalThis.fetch }) {
  /** @type {RequestInit} */
  const quietly = { signal, credentials: "omit", referrerPolicy: "no-referrer" };
  const [base = ""] = inquiry.bases;
  /** @type {Answer} what all that may not be read is answered with */
  const blocked = { outcome: "unreachable" };
  // The last first: a hub answers one after the other, and `hub/api/` takes longer to read.
  const first = inquiry.probes.filter((probe) => probe.first).reverse();
  const later = inquiry.probes.filter((probe) => !probe.first);
  return new Promise((resolve) => {
    const finish = () => resolve(inquiry.conclude());
    const put = async (/** @type {Probe} */ probe) => {
      const answer = await (probe.image ? askImage(probe, signal) : askJson(probe));
      let found = signal.aborted ? null : inquiry.add(probe, answer);
      if (found?.problem?.code === "hub-unreachable") {
        // Why it may not read a page is told nothing of; but whether something is there at all.
        const refused = () => void (blocked.outcome = "refused");
        await fetch(base, { ...quietly, mode: "no-cors" }).then(refused, () => {});
        found = inquiry.conclude();
      }
      if (found) resolve(found);
    };
    const rest = () => {
      if (!signal.aborted) later.splice(0).forEach(put);
    };
    /** @type {(probe: Probe) => Promise<Answer>} */
    const askJson = async ({ url }) => {
      let response;
      try {
        response = await fetch(url, quietly);
      } catch {
        return blocked;
      }
      try {
        if (response.ok) return { outcome: "json", value: await response.json(), url: response.url };
      } catch {
        // Not JSON: some page.
      }
      return { outcome: "other" };
    };
    setTimeout(rest, PATIENCE); // one of the first may hang
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
    void Promise.all(first.map(put)).then(rest);
  });
}

/**
 * An image's size can be seen where nothing can be read.
 * @param {Probe} probe
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
async function askImage({ url }, signal) {
  try {
    const image = new Image();
    image.referrerPolicy = "no-referrer";
    signal.addEventListener("abort", () => (image.src = ""));
    image.src = url;
    await image.decode();
    return { outcome: "image", value: [image.naturalWidth, image.naturalHeight] };
  } catch {
    return { outcome: "unreachable" }; // or it is no image, or this is no browser
  }
}
