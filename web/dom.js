/**
 * An element; by attributes and text only, so that a strict content security policy minds nothing.
 * Its classes are its parts too.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} attributes
 * @param {(string | Node)[]} content
 */
export function make(tag, attributes, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (element.className) element.setAttribute("part", element.className);
  element.append(...content);
  return element;
}

/**
 * @param {string} classes
 * @param {string | Node[]} label
 * @param {() => void} pressed
 */
export function button(classes, label, pressed) {
  const element = make("button", { type: "button", class: classes }, ...[label].flat());
  element.addEventListener("click", pressed);
  return element;
}
