/** As the launch control's, whose custom properties count here too. */
export const style = `
:host { display: block; margin: var(--hub-launch-margin, 0.75rem 0); font-size: 0.9375rem; line-height: 1.45; font-family: var(--hub-launch-font, inherit); }
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
.row, .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.75rem; }
p { margin: 0.4rem 0 0; }
p:empty { display: none; }
button { min-height: 2.25rem; padding: 0.3rem 0.7rem; font: inherit; color: inherit; background: none; border: 1px solid color-mix(in srgb, currentColor 70%, transparent); border-radius: var(--hub-launch-radius, 6px); cursor: pointer; }
button:disabled { cursor: progress; opacity: 0.6; }
:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.main { font-weight: 600; }
a { color: inherit; text-underline-offset: 0.2em; }
.problem { padding-inline-start: 0.7rem; border-inline-start: 3px solid var(--hub-launch-accent, #f37726); }
`;
