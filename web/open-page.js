/**
 * The bookmarklet and the user script: on a book's page, go to the roam page with what the page
 * says of its repository.  They run in pages of strangers, whose policies may forbid to load
 * anything: so it is one script, which asks only the page's own site.
 */
import { readForeignPage } from "./foreign.js";
import { formatLaunchLink } from "./launch-link.js";

/** @import { ForeignLaunch } from "./types.js" */

const NOWHERE = "https://hub.invalid/";

/**
 * The universal link of what a page launches.
 * @param {string} roam the roam page's address
 * @param {ForeignLaunch} launch
 */
function roamLink(roam, { found_by, lacks, ...launch }) {
  return `${roam}#${formatLaunchLink({ ...launch, hub: NOWHERE, kind: "binder" }).slice(NOWHERE.length + 3)}`;
}

/**
 * @param {string} url
 * @returns {Promise<any>} null where no JSON is
 */
async function ask(url) {
  if (new URL(url).origin !== location.origin) return null;
  try {
    const answer = await fetch(url, { credentials: "same-origin" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // none is there, or the page's policy forbids to ask
  }
}

/**
 * Open what this page is from on the reader's own hub.
 * @param {string} roam the roam page's address
 */
export async function openPage(roam) {
  const found = await readForeignPage(document, location.href, ask);
  if (!found) {
    alert("Nothing on this page says which repository it is from.");
    return;
  }
  // a link and not `location`: the hub need not know which book the reader came from
  const link = Object.assign(document.createElement("a"), { href: roamLink(roam, found), rel: "noreferrer" });
  link.click();
}
