// A page of a book:
//     page.html?provider=git&repo=<clone URL>&ref=<branch>&path=<file>
import "./hub-launch.js";

const control = document.createElement("hub-launch");
for (const [name, value] of new URLSearchParams(location.search)) control.setAttribute(name, value);
document.body.append(control);

/** What the modules find out about an address, in a copy of theirs that remembers nothing. */
globalThis.ask = async (text, options = {}) => {
  const { discover } = await import(`./web/discovery.js?${Math.random()}`);
  const began = performance.now();
  const { problem, profile, ...found } = await discover(text, options);
  return { ...found, problem: problem?.code ?? null, milliseconds: performance.now() - began };
};
