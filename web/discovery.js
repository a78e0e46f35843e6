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
  const end = () => stop.abort();
  const timer = setTimeout(end, timeout);
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  try {
    const found = await ask(inquiry, { signal: stop.signal, ...how });
    signal?.throwIfAborted();
    if (!found.problem) answered.set(key, found);
    return found;
  } finally {
    end();
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
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
  // A page is told nothing of why it may not read; whether something is there at all it can tell.
  const reached = once(() =>
    fetch(inquiry.bases[0] ?? "", { ...quietly, mode: "no-cors" }).then(
      () => true,
      () => false,
    ),
  );
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      resolve(inquiry.conclude());
    };
    const put = (/** @type {Probe} */ probe) =>
      (probe.image ? askImage(probe, signal) : askJson(probe, fetch, quietly, reached)).then(
        (answer) => {
          const found = !signal.aborted && inquiry.add(probe, answer);
          if (found) resolve(found);
        },
      );
    const rest = once(() => {
      if (!signal.aborted) inquiry.probes.filter(({ first }) => !first).forEach(put);
    });
    const timer = setTimeout(rest, PATIENCE); // one of the first may hang
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
    void Promise.all(inquiry.probes.filter(({ first }) => first).map(put)).then(rest);
  });
}

/**
 * @param {Probe} probe
 * @param {typeof globalThis.fetch} fetch
 * @param {RequestInit} quietly
 * @param {() => Promise<boolean>} reached
 * @returns {Promise<Answer>}
 */
async function askJson({ url }, fetch, quietly, reached) {
  let response;
  try {
    response = await fetch(url, quietly);
  } catch {
    return { outcome: (await reached()) ? "refused" : "unreachable" };
  }
  try {
    if (response.ok) return { outcome: "json", value: await response.json(), url: response.url };
  } catch {
    // Not JSON: some page.
  }
  return { outcome: "other" };
}

/**
 * An image's size can be seen where nothing can be read.
 * @param {Probe} probe
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
function askImage({ url }, signal) {
  const outcome = /** @type {const} */ ("unreachable");
  if (!globalThis.Image) return Promise.resolve({ outcome });
  return new Promise((resolve) => {
    const image = new Image();
    image.referrerPolicy = "no-referrer";
    image.onload = () =>
      resolve({ outcome: "image", value: [image.naturalWidth, image.naturalHeight] });
    image.onerror = () => resolve({ outcome });
    signal.addEventListener("abort", () => (image.src = ""));
    image.src = url;
  });
}

/**
 * @template T
 * @param {() => T} make
 */
function once(make) {
  /** @type {{made: T} | null} */
  let kept = null;
  return () => (kept ??= { made: make() }).made;
}
