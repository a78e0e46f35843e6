/**
 * The page that gives readers a bookmark: on any book's page, it goes to the roam page beside this
 * one.  What the bookmark runs is in itself, since a book's policy may forbid it to load anything.
 */
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const bookmark = /** @type {HTMLAnchorElement} */ (main.querySelector("#bookmark"));
const copy = /** @type {HTMLButtonElement} */ (main.querySelector("#copy"));
const status = /** @type {HTMLElement} */ (main.querySelector("[role=status]"));
const roam = new URL(main.dataset.roam || ".", location.href).href;

const answer = await fetch(new URL("open-page.js", import.meta.url));
const code = `(()=>{${await answer.text()};openPage(${JSON.stringify(roam)})})()`;
bookmark.href = `javascript:${encodeURIComponent(code)}`;
copy.disabled = false;

bookmark.addEventListener("click", (event) => {
  event.preventDefault(); // on this page there is no book
  status.textContent = "Drag it to your bookmarks bar, and press it there when you read a book.";
});
copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(bookmark.href);
    status.textContent = "Copied. Make a new bookmark, and paste this as its address.";
  } catch {
    status.textContent = "This browser does not let pages copy. Drag the bookmark instead.";
  }
});
