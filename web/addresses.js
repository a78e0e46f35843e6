/** Rules for URLs, refs and paths that strangers write: those of `src/hubroam/addresses.py`. */
import { HubroamError } from "./errors.js";

/**
 * @import { Refusal, UrlParts } from "./types.js"
 */

const MAX_LENGTH = 2048;
const URL_FORM =
  /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:([^/?#]*)@)?([^/?#@]*?)(?::([0-9]{1,5}))?((?:[/?#].*)?)$/;
const HOST = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])$/;
const SSH_USER = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const SCP = /^[A-Za-z0-9_][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:((?!-|\/\/)[^?#\\]+)$/;
const NOT_IN_A_REF = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{/;
const CONTROLS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Cf}\p{Zs}]/u;

/**
 * Take a URL apart as Python does, which `new URL()` does not: see backslashes, blanks, many `@`.
 * @param {string} url
 * @returns {UrlParts | null} null when it is not an absolute URL with `//`
 */
export function splitUrl(url) {
  const match = url.includes("\\") ? null : URL_FORM.exec(url);
  if (!match || Number(match[4] ?? 0) > 65535) return null;
  const [, scheme = "", userinfo, host = "", port, path = ""] = match;
  return { scheme: scheme.toLowerCase(), userinfo, host, port, path };
}

/**
 * Refuse giant text, and characters that cannot be seen or that end a line.
 * @param {string} text
 * @param {Refusal} refusal
 * @param {boolean} [blanks] allow blanks and joiners, as file names hold them
 */
export function checkText(text, refusal, blanks = false) {
  if (text.length > MAX_LENGTH) {
    throw new HubroamError(
      refusal,
      `It is longer than ${MAX_LENGTH} characters.`,
      "Give a shorter one.",
    );
  }
  if ((blanks ? CONTROLS : UNSEEN).test(text)) {
    throw new HubroamError(
      refusal,
      "There is a blank, a line break or an invisible character in it.",
      "Type it anew.",
    );
  }
}

/**
 * Refuse a path that climbs: a part `..`, encoded or not, or a backslash.
 * @param {string} path
 * @param {Refusal} refusal
 */
export function checkPath(path, refusal) {
  const plain = path.replace(/%2e/gi, ".");
  if (plain.split(/\/|%2f/i).includes("..") || /\\|%5c/i.test(plain)) {
    throw leaves(refusal);
  }
}

/** @param {Refusal} refusal */
export function leaves(refusal) {
  return new HubroamError(
    refusal,
    "The path leaves its place.",
    "Give one without '..'.",
  );
}

/**
 * Refuse credentials, and a host that is no name or address in ASCII.
 * @param {UrlParts} parts
 * @param {Refusal} refusal
 */
export function checkHost(parts, refusal) {
  if (parts.userinfo !== undefined) {
    throw new HubroamError(
      refusal,
      "The URL holds a user name or a password, which everybody who sees it could read.",
      "Take them out, and change the password if it was shared.",
    );
  }
  if (!HOST.test(parts.host)) {
    throw new HubroamError(
      refusal,
      "The URL names no host.",
      "Write it in letters, digits, '.' and '-'.",
    );
  }
}

/**
 * Refuse what git refuses as the name of a ref.
 * @param {string} ref
 * @param {Refusal} refusal
 */
export function checkRef(ref, refusal) {
  checkText(ref, refusal);
  if (
    /^-|^@$|\.$/.test(ref) ||
    NOT_IN_A_REF.test(ref) ||
    ref.split("/").some((part) => /^$|^\.|\.lock$/.test(part))
  ) {
    throw new HubroamError(
      refusal,
      "The ref is not a name that git allows.",
      "Give a branch, a tag or a commit, such as main or HEAD.",
    );
  }
}

/**
 * Refuse what is no URL to clone from, or holds a secret.
 * @param {string} url
 * @param {Refusal} refusal
 * @returns {string} the URL with its scheme in small letters
 */
export function checkCloneUrl(url, refusal) {
  checkText(url, refusal);
  const scp = SCP.exec(url);
  if (scp) {
    checkPath(scp[1] ?? "", refusal);
    return url;
  }
  const parts = splitUrl(url);
  const local = parts?.scheme === "file" && /^(?:localhost)?$/.test(parts.host);
  if (!parts || !(local || /^(?:https?|ssh|git)$/.test(parts.scheme))) {
    throw new HubroamError(
      refusal,
      "The clone URL is not one that git can read.",
      "Use a URL that begins with http, https, ssh, git or git@host:.",
    );
  }
  if (parts.scheme === "ssh" && SSH_USER.test(parts.userinfo ?? "")) delete parts.userinfo;
  if (!local || parts.userinfo !== undefined) checkHost(parts, refusal);
  if (/[?#]|^\/*$/.test(parts.path)) {
    throw new HubroamError(
      refusal,
      "A clone URL has a path, and no query and no fragment.",
      "Leave out what follows ? or #.",
    );
  }
  checkPath(parts.path, refusal);
  return parts.scheme + url.slice(parts.scheme.length);
}

/**
 * Encode all but letters, digits and `-._~`, so that a link can stand in Markdown and HTML.
 * @param {string} text
 */
export function encodePart(text) {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The same, but keep the slashes.
 * @param {string} path
 */
export function encodePath(path) {
  return encodePart(path).replaceAll("%2F", "/");
}

/**
 * Encode what may not stand in a URL, and nothing that is encoded already.
 * @param {string} text
 */
export function encodeUrl(text) {
  return encodeURI(text).replace(/%25([0-9A-Fa-f]{2})/g, "%$1");
}
