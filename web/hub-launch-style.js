/**
 * All but the button is mixed from the page's own text colour, and so is dark on a light page and
 * light on a dark one, whichever way the page decides.  Orange marks, and never carries text.
 */
export const style = `
:host {
  --accent: var(--hub-launch-accent, #f37726);
  --button: var(--hub-launch-button, #363c42);
  --radius: var(--hub-launch-radius, 6px);
  --line: color-mix(in srgb, currentColor 28%, transparent);
  --edge: color-mix(in srgb, currentColor 70%, transparent);
  --soft: color-mix(in srgb, currentColor 82%, transparent);
  display: block;
  max-width: 34rem;
  margin: var(--hub-launch-margin, 0.75rem 0);
  font-size: 0.9375rem; line-height: 1.45; font-family: var(--hub-launch-font, inherit);
  text-align: start;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
p { margin: 0; }
/* English on a page in Arabic */
p, h2, label, b, .hint { unicode-bidi: plaintext; text-align: -webkit-match-parent; text-align: match-parent; }
button, input {
  min-height: 2.25rem; padding: 0.3rem 0.7rem;
  font: inherit; color: inherit; background: none;
  border: 1px solid var(--edge); border-radius: var(--radius);
}
button { cursor: pointer; }
button:disabled { cursor: not-allowed; opacity: 0.6; }
:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }

.row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.75rem; }
.main {
  padding-inline: 0.95rem;
  color: var(--hub-launch-button-text, #fff); background: var(--button);
  border-color: var(--line); font-weight: 600;
}
.main:enabled:hover { background: color-mix(in srgb, var(--button) 86%, #000); }
.main:focus-visible { outline-offset: -5px; } /* in the button's own text colour */
.mark {
  display: inline-block; width: 0.62em; height: 0.75em; margin-inline-end: 0.55em;
  background: var(--accent); clip-path: polygon(0 0, 100% 50%, 0 100%);
  forced-color-adjust: none;
}
.quiet { padding-inline: 0.3rem; margin-inline: -0.3rem; border: 0; font-size: 0.875rem; }
.quiet, a { text-decoration: underline; text-underline-offset: 0.2em; }
.quiet:hover, a:hover { text-decoration: underline 2px var(--accent); }
.hub { min-width: 0; overflow-wrap: anywhere; color: var(--soft); }
b { font-weight: 600; }

dialog {
  width: min(34rem, calc(100vw - 2rem)); max-height: calc(100dvh - 2rem); overflow: auto;
  padding: 1.1rem 1.2rem 0.8rem; font-weight: 400;
  color: var(--hub-launch-text, CanvasText); background: var(--hub-launch-surface, Canvas);
  border: 1px solid var(--line); border-radius: calc(1.5 * var(--radius));
}
dialog::backdrop { background: rgb(0 0 0 / 45%); }
h2 { margin: 0 0 0.7rem; font-size: 1.125rem; line-height: 1.3; color: inherit; }
ul { display: grid; gap: 0.4rem; margin: 0 0 0.9rem; padding: 0; list-style: none; }
li { margin: 0; }
.choice { display: flex; align-items: center; gap: 0.75rem; width: 100%; text-align: start; }
.choice:hover { background: color-mix(in srgb, currentColor 6%, transparent); }
.choice .mark { flex: none; margin-inline: calc(1.1rem - 0.31em); }
.logo { flex: none; width: 2.2rem; height: 2.2rem; object-fit: contain; }
.about { min-width: 0; overflow-wrap: anywhere; }
.about b, .about .hint { display: block; margin: 0; }
.foot { margin-top: 0.8rem; }
.kinds { margin-top: 0.5rem; font-size: 0.875rem; }
label { display: block; margin-bottom: 0.3rem; font-weight: 600; }
input { flex: 1 1 14rem; min-width: 0; }
:is(input, .quiet):focus-visible { outline-offset: -1px; }
input::placeholder { color: inherit; opacity: 0.8; }
input[aria-invalid] { box-shadow: inset 3px 0 var(--accent); }
.hint { margin-top: 0.45rem; font-size: 0.8125rem; color: var(--soft); }

.status { font-size: 0.875rem; overflow-wrap: anywhere; }
.status:not(:empty) { margin-top: 0.5rem; }
.status.problem { padding-inline-start: 0.65rem; border-inline-start: 3px solid var(--accent); }
.status b { display: block; }
.status a { color: inherit; }

@media (max-width: 30rem) {
  .submit { flex: 1 0 100%; }
  input { font-size: 1rem; }
}
`;
