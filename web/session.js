/** Where a session opens: `session_path` and `session_url` of `src/hubroam/links.py`. */
import { checkText, encodePart, encodePath } from "./addresses.js";
import { below, contentPath, hubBase } from "./links.js";

/**
 * @import { SessionPlace } from "./types.js"
 */

/**
 * The path below a session that a launch asked for: relative, encoded as in a URL.
 * @param {SessionPlace} place
 */
export function sessionPath({ urlpath, labpath, filepath }) {
  if (labpath) return `doc/tree/${encodePath(contentPath(labpath))}`;
  if (filepath) return `tree/${encodePath(contentPath(filepath))}`;
  return below(urlpath ?? "");
}

/**
 * The address to open in a started session.
 * @param {string} url the session's base URL
 * @param {object} [options]
 * @param {string | null} [options.token] put into the query last, so that no other wins
 * @param {string | null} [options.urlpath] below the session (see `sessionPath`)
 */
export function sessionUrl(url, { token, urlpath } = {}) {
  const [, address = "", fragment = ""] = /^([^#]*)(.*)$/.exec(below(urlpath ?? "")) ?? [];
  if (!token) return hubBase(url) + address + fragment;
  checkText(token, "invalid-link");
  const query = `${address.includes("?") ? "&" : "?"}token=${encodePart(token)}`;
  return hubBase(url) + address + query + fragment;
}
