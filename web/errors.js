/**
 * An error that a reader may meet; the codes are those of `src/hubroam/errors.py`.
 * Its texts never repeat what may hold a password.
 */
export class HubroamError extends Error {
  /**
   * @param {string} code stable
   * @param {string} message one sentence for a person, its `{places}` still open: translations have
   *   them too
   * @param {string} next_step what that person can do now
   * @param {Record<string, string>} [values] of the places
   */
  constructor(code, message, next_step, values = {}) {
    super(fill(message, values));
    this.code = code;
    this.next_step = fill(next_step, values);
    this.texts = [message, next_step];
    this.values = values;
  }
}

/**
 * @param {string} text
 * @param {Record<string, string>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}
