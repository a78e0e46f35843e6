/**
 * "Use this hub for Binder links": shows every part of the page that has `data-roam`, the address of
 * the hub's roam page, and lets its button make that page the browser's handler of `web+binder:`.
 * A hub's pages load it as it is; it imports nothing.
 */
const boxes = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-roam]"));
for (const box of boxes) {
  const { roam } = box.dataset;
  if (!roam || !("registerProtocolHandler" in navigator)) continue; // no hub, or not over https
  box.hidden = false;
  const [button, status] = [box.querySelector("button"), box.querySelector("[role=status]")];
  button?.addEventListener("click", () => {
    navigator.registerProtocolHandler("web+binder", new URL(`${roam}#%s`, location.href).href);
    if (status) status.textContent = "Your browser now asks you, or has asked already. Its settings undo it.";
  });
}
