/** The steps of a launch, and how long they take. */

const STEPS = ["find", "build", "start", "open"];
const WORDS = {
  pending: "Not yet",
  active: "Working",
  done: "Done",
  reused: "Reused",
  failed: "Failed",
};
const HINT_AFTER = 20_000; // ms of building

const byId = (id) => document.getElementById(id);

/** Write a duration for people: "8 s", "2 min 05 s". */
function duration(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const rest = seconds % 60;
  return seconds < 60
    ? `${seconds} s`
    : `${Math.floor(seconds / 60)} min ${String(rest).padStart(2, "0")} s`;
}

/** The list of steps, each with its state and time. */
export class Steps {
  #at = -1;
  #began = 0;
  #since = 0;
  #timer = null;

  /** Begin anew. */
  start() {
    this.#at = -1;
    this.#began = Date.now();
    for (const name of STEPS) this.#set(name, "pending", "");
    this.#timer ??= setInterval(() => this.#tick(), 500);
    this.go("find");
  }

  get current() {
    return STEPS[this.#at];
  }

  /** Go on to a step; a stream that is told again from its beginning does not lead back. */
  go(name) {
    const to = STEPS.indexOf(name);
    if (to <= this.#at) return;
    if (this.current) this.#end("done");
    for (const skipped of STEPS.slice(this.#at + 1, to)) this.#set(skipped, "done", "");
    this.#at = to;
    this.#since = Date.now();
    this.#set(name, "active", "");
    this.#tick();
  }

  /** Leave the build behind. */
  built(reused) {
    this.go("build");
    if (this.current === "build") this.#set("build", reused ? "reused" : "active");
  }

  /** The end: the current step's last state. */
  end(state) {
    this.#tick();
    this.#end(state);
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #end(state) {
    const kept = this.#item(this.current).dataset.state === "reused" && state === "done";
    if (kept) this.#set(this.current, "reused", "");
    else this.#set(this.current, state, this.current === "open" ? "" : this.#time());
  }

  #time() {
    return duration(Date.now() - this.#since);
  }

  #tick() {
    byId("elapsed").textContent = duration(Date.now() - this.#began);
    const item = this.#item(this.current);
    if (item.dataset.state === "active") item.querySelector(".time").textContent = this.#time();
    const slow = this.current === "build" && Date.now() - this.#since >= HINT_AFTER;
    byId("hint").hidden = !(slow && item.dataset.state === "active");
  }

  #item(name) {
    return document.querySelector(`#steps [data-step="${name}"]`);
  }

  #set(name, state, time) {
    const item = this.#item(name);
    item.dataset.state = state;
    if (state === "active") item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
    const word = name === "open" && state === "done" ? "Ready" : WORDS[state];
    item.querySelector(".state").textContent = word;
    if (time !== undefined) item.querySelector(".time").textContent = time;
  }
}
