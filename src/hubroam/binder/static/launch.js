/**
 * The launch page: follows a launch's events, shows how far it is, then opens the session.
 *
 * What it needs stands in the attributes of `<main>`: `data-build-url`, the address of the event
 * stream, `data-open-path`, where to go below the session's address, and `data-page`, the origin of
 * a page that asks for the session, if one does.
 */

import { askConsent, handOver } from "./handover.js";
import { Log, plain } from "./log.js";
import { Steps } from "./steps.js";
import { sessionUrl } from "./web/session.js";

const TOKEN_AGE = 4 * 60_000; // the build token in data-build-url serves 5 minutes
const RECONNECTIONS = 5;
const STEADY = 60_000; // a connection that held for so long was a good one
// the pages of Jupyter's applications that are followed by a file's path
const FILE_PAGES =
  /^(?:lab\/tree|doc\/tree|tree|notebooks|edit|view|voila\/render|retro\/(?:notebooks|edit))\/([^?#]*)/;

const byId = (id) => document.getElementById(id);
const main = document.querySelector("main");

/** The file in a path below the session, decoded; "" when it names none. */
function fileOf(path) {
  const [, file = ""] = FILE_PAGES.exec(path) ?? [];
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

/** One launch after the other, of the same spec, until one is ready. */
class Launch {
  #log = new Log();
  #steps = new Steps();
  #stream = null;
  #loaded = Date.now();
  #connected = 0;
  #losses = 0;
  #tries = 0;
  #fetched = false;
  #worked = false;
  #code = "";

  constructor() {
    byId("retry").addEventListener("click", () => this.#retry());
    addEventListener("pagehide", () => this.#stream?.close());
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted && main.dataset.state === "working") location.reload();
    });
  }

  start() {
    this.#tries += 1;
    this.#losses = 0;
    this.#fetched = this.#worked = false;
    this.#state("working");
    this.#say("Contacting the hub");
    for (const id of ["retry", "open-session", "without-file", "repository"]) show(id, false);
    byId("failure").replaceChildren();
    byId("message").textContent = "";
    this.#steps.start();
    this.#connect();
  }

  async #connect() {
    let address;
    try {
      address = await this.#buildUrl();
    } catch {
      this.#lost();
      return;
    }
    if (!address) return;
    this.#connected = Date.now();
    this.#stream = new EventSource(address);
    this.#stream.onmessage = ({ data }) => this.#receive(data);
    this.#stream.onerror = () => {
      // closed at once: the browser's own reconnection would go on for ever
      this.#stream.close();
      if (Date.now() - this.#connected > STEADY) this.#losses = 0;
      this.#lost();
    };
  }

  /** The stream's address; its token is renewed when the page is old.  Null when reloading. */
  async #buildUrl() {
    if (Date.now() - this.#loaded > TOKEN_AGE) {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("main[data-build-url]");
      if (answer.status >= 500) throw new Error("the hub is not there");
      if (!fresh) {
        location.reload(); // the page is another one now: a sign-in, or an error
        return null;
      }
      main.dataset.buildUrl = fresh.dataset.buildUrl;
      this.#loaded = Date.now();
    }
    return main.dataset.buildUrl;
  }

  #lost() {
    if (this.#losses >= RECONNECTIONS) {
      this.#fail({
        message: "The connection to the hub was lost.",
        next_step: "Check your network, then retry. A build that was going on was not stopped.",
      });
      return;
    }
    const wait = 2 ** this.#losses;
    this.#losses += 1;
    const count = `${this.#losses} of ${RECONNECTIONS}`;
    this.#say(`Connection lost, trying again (${count})`);
    this.#log.rule(`Connection lost, trying again in ${wait} s (${count})`);
    setTimeout(() => this.#connect(), wait * 1000);
  }

  #retry() {
    if (this.#code === "sign-in-needed") {
      location.reload();
      return;
    }
    byId("phase").focus(); // the button goes away, and the focus must not
    this.#log.rule(`Try ${this.#tries + 1}`);
    this.start();
  }

  #receive(data) {
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return; // not an event of this protocol
    }
    const text = typeof event?.message === "string" ? event.message : "";
    if (event?.phase === "ready") this.#stream.close();
    if (event?.phase === "failed") {
      this.#stream.close();
      this.#fail(event);
      return;
    }
    this.#log.add(text);
    const line = plain(text).trim().split("\n").at(-1);
    if (line) byId("message").textContent = line;
    this.#phase(event);
  }

  /** Show how far an event shows the launch to be. */
  #phase(event) {
    switch (event?.phase) {
      case "fetching":
        this.#fetched = true;
        if (this.#steps.current === "find") this.#say("Fetching the repository");
        break;
      case "waiting":
        // BinderHub waits before it fetches, hubroam before it builds
        if (this.#fetched) this.#steps.go("build");
        this.#say("Waiting for a place to build");
        break;
      case "building":
      case "pushing":
        this.#worked = true;
        this.#steps.go("build");
        if (this.#steps.current === "build") this.#say("Building the environment");
        break;
      case "built": {
        const reused = event.cached ?? !this.#worked;
        this.#steps.built(reused);
        this.#say(reused ? "The environment was built before" : "The environment is built");
        break;
      }
      case "launching":
        this.#steps.go("start");
        this.#say("Starting the session");
        break;
      case "ready":
        this.#ready(event);
    }
  }

  #ready(event) {
    const target = sessionAddress(event.url, event.token);
    if (!target) {
      this.#fail({
        message: "The hub gave no address of the session.",
        next_step: "Retry; if it happens again, tell the people who run this hub.",
      });
      return;
    }
    const { page } = main.dataset;
    if (page && !handOver(page, event)) {
      this.#fail({
        message: "The page that asked for the session is not there any more.",
        next_step: "Go back to it, and run its cells again.",
      });
      return;
    }
    this.#steps.go("open");
    this.#steps.end("done");
    this.#state("ready");
    this.#say(page ? "The page has its session: you may close this window" : "Opening the session");
    byId("open-session").href = target;
    show("open-session", true);
    if (!page) location.replace(target);
  }

  #fail(event) {
    const sentence = String(event.message || "The launch failed.").trim();
    const nextStep = event.next_step || "Retry; if it fails again, look at the log.";
    this.#code = event.code ?? "";
    this.#steps.end("failed");
    byId("hint").hidden = true;
    this.#state("failed");
    this.#say("The launch failed");
    this.#log.add(`${sentence}\n${nextStep}`);
    this.#log.open();
    byId("failure").replaceChildren(
      paragraph("sentence", sentence),
      paragraph("next-step", nextStep),
    );
    show("retry", true);
    show("repository", true);
    if (event.code === "path-not-found") {
      byId("without-file").href = withoutFile();
      show("without-file", true);
    }
  }

  /** Say what goes on: the only text that is read out while it changes. */
  #say(text) {
    const phase = byId("phase");
    if (phase.textContent === text) return;
    phase.textContent = text;
    document.title = `${text} · ${main.dataset.repository}`;
  }

  #state(state) {
    main.dataset.state = state;
  }
}

function show(id, shown) {
  const element = byId(id);
  if (element) element.hidden = !shown;
}

function paragraph(id, text) {
  return Object.assign(document.createElement("p"), { id, textContent: text });
}

/** This page's address without the file to open. */
function withoutFile() {
  const url = new URL(location.href);
  for (const name of ["urlpath", "labpath", "filepath"]) url.searchParams.delete(name);
  return url.href;
}

/** Where to go in a session: its root if the path would leave it; null if there is no session. */
function sessionAddress(address, token) {
  for (const urlpath of [main.dataset.openPath, ""]) {
    try {
      return sessionUrl(address, { token, urlpath });
    } catch {
      // the token must not go anywhere else
    }
  }
  return null;
}

const file = fileOf(main.dataset.openPath);
byId("file").hidden = !file;
byId("file").querySelector("dd").textContent = file;
if (main.dataset.page) {
  askConsent(main, () => new Launch().start());
} else {
  new Launch().start();
}
