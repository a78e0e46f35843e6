/**
 * The launch control as an anywidget, for the themes of MyST: <https://anywidget.dev>.
 *
 * Its model has the attributes of `<hub-launch>`, and the `link` that the page shows in its place
 * until this module is there.
 */
import { HubLaunchElement } from "./hub-launch-element.js";
import { de } from "./lang-de.js";
import { es } from "./lang-es.js";
import { fr } from "./lang-fr.js";
import { brought } from "./texts.js";

/** @import { WidgetModel } from "./types.js" */

Object.assign(brought, { de, es, fr });

/**
 * The paragraph with the plain link, which stands behind the control.
 * @param {Element} control
 * @param {unknown} link
 */
function plainLink(control, link) {
  // A theme may give each widget a shadow root of its own, which the paragraph is not in.
  const root = control.getRootNode();
  const place = root instanceof ShadowRoot ? root.host : control;
  const links = [...place.ownerDocument.querySelectorAll("a")];
  const plain = links.find(
    (each) =>
      each.href === link &&
      place.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
  return plain?.closest("p") ?? plain;
}

/** @param {{model: WidgetModel, el: HTMLElement}} widget */
function render({ model, el }) {
  if (!customElements.get("hub-launch")) customElements.define("hub-launch", HubLaunchElement);
  const control = document.createElement("hub-launch");
  for (const name of [...HubLaunchElement.observedAttributes, "hubs"]) {
    const value = model.get(name);
    if (typeof value === "string") control.setAttribute(name, value);
  }
  el.append(control);
  const plain = plainLink(control, model.get("link"));
  if (plain) plain.hidden = true;
  return () => {
    control.remove();
    if (plain) plain.hidden = false;
  };
}

export default { render };
