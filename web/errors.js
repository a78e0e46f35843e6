/**
 * An error that a reader may meet; the codes are those of `src/hubroam/errors.py`.
 * Its texts never repeat what may hold a password.
 */
export class HubroamError extends Error {
  /**
   * @param {string} code stable
   * @param {string} message one sentence for a person
   * @param {string} next_step what that person can do now
   */
  constructor(code, message, next_step) {
    super(message);
    this.code = code;
    this.next_step = next_step;
  }
}
