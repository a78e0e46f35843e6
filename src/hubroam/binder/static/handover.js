/** Hands a session to the page that asked for it, when the reader agrees. */

// Whoever is made to click twice in one place must not have agreed before they saw to what.
const READING = 700;

/**
 * Ask the reader, and hide the question when they have agreed.
 * @param {HTMLElement} main the page's own
 * @param {() => void} agreed
 */
export function askConsent(main, agreed) {
  const [agree, decline] = ["agree", "decline"].map((id) => document.getElementById(id));
  decline.disabled = false;
  setTimeout(() => (agree.disabled = false), READING);
  agree.addEventListener("click", () => {
    document.getElementById("consent").hidden = true;
    for (const part of main.querySelectorAll(":scope > [hidden]:not(#consent)")) part.hidden = false;
    document.getElementById("phase").focus();
    agreed();
  });
  decline.addEventListener("click", () => {
    tell(main.dataset.page, { type: "hub-session", declined: true });
    window.close();
  });
}

/**
 * Give a session to the page.
 * @param {string} page its origin; no other is told
 * @param {{url: string, token: string}} session
 * @returns {boolean} whether the page is there
 */
export function handOver(page, { url, token }) {
  const told = tell(page, { type: "hub-session", url, token });
  if (told) window.close();
  return told;
}

function tell(page, message) {
  if (!window.opener || window.opener.closed) return false;
  window.opener.postMessage(message, page);
  return true;
}
