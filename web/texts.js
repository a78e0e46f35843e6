/**
 * The control's texts in the page's language.  What is not translated is shown in English.
 * `t("en")` is the code of the language that the texts are in.
 */
import { fill } from "./errors.js";

/**
 * @import { HubroamError } from "./errors.js"
 * @typedef {(text: string, values?: Record<string, string>) => string} Translate
 */

/** To add a language: a module as `lang-de.js`, and its code here, and its texts in `hub-widget.js`. */
const LANGUAGES = ["de", "es", "fr"];
/** Languages that came with the control, where no other module can be loaded. */
export const brought = /** @type {Record<string, Record<string, string>>} */ ({});

/** @type {(texts: Record<string, string>) => Translate} */
const translate = (texts) => (text, values = {}) => fill(texts[text] ?? text, values);
const english = translate({});

/**
 * @param {Element} element
 * @param {string} [names] what the modules' names begin with
 * @returns {Translate | Promise<Translate>} at once where nothing is to be loaded
 */
export function textsFor(element, names = "lang") {
  // CSS knows what an element inherits, from outside of a shadow root too
  const language = LANGUAGES.find((code) => element.matches(`:lang(${code})`));
  if (!language) return english;
  if (brought[language]) return translate(brought[language]);
  return import(`./${names}-${language}.js`).then(
    (module) => translate(module[language]),
    () => english,
  );
}

/**
 * An error's sentence and what to do.
 * @param {HubroamError} error
 * @param {Translate} t
 */
export function textsOf({ texts, values }, t) {
  return texts.map((text) => t(text, values));
}
