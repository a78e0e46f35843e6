/** The shapes that the modules hand to each other.  Read by the type checker only, never loaded. */
import type { HubroamError } from "./errors.js";

/** The code of the error to throw. */
export type Refusal = "invalid-spec" | "invalid-link";

/** A URL taken apart, its scheme in small letters; `path` holds query and fragment too. */
export interface UrlParts {
  scheme: string;
  userinfo?: string;
  host: string;
  port?: string;
  path: string;
}

/** A repository and a ref, decoded and checked: only `makeSpec` and `parseSpec` make one. */
export interface BinderSpec {
  /** A key of `PROVIDERS`. */
  readonly provider: string;
  /** `user/repo`, `group/sub/repo`, `user/id`, a clone URL, a DOI, an id or a URL. */
  readonly repository: string;
  /** `""` where none was given (gist) or the provider has none. */
  readonly ref: string;
}

export interface Provider {
  /** Whether a spec encodes the repository as one part of its path. */
  encode: boolean;
  /** The ref when none is given; null where the provider has no refs. */
  ref: string | null;
  /** Checks a repository and gives it back in its canonical form. */
  rule: (repository: string) => string;
}

/** Where to go in a session.  The first of the three that is given counts, as in BinderHub. */
export interface SessionPlace {
  /** A file of the repository, not encoded, to open in JupyterLab. */
  labpath?: string | null;
  /** A file of the repository, not encoded, to open in the classic interface. */
  filepath?: string | null;
  /** A URL path below the session, encoded as in a URL. */
  urlpath?: string | null;
  /** The folder of the repository that the recipe is in, not encoded; none for its root. */
  env_path?: string | null;
}

/** A hub that is both is a BinderHub. */
export type HubKind = "hubroam" | "binderhub" | "jupyterhub" | "jupyterlite" | "jupyter-server";

/** One way to launch a session on a hub. */
export interface LaunchWay {
  /** `binder`, `git-pull` or `content`. */
  kind: string;
  /** RFC 6570, relative to the hub's base. */
  url_template: string;
  providers?: string[];
  recipes?: string[];
}

/** What a hub says of itself; `docs/reference/hub-profile.md`. */
export interface HubProfile {
  format: 1;
  name: string;
  /** A path below the hub's base. */
  logo: string | null;
  software: { name: string; version: string };
  login: boolean;
  sessions: "temporary" | "kept";
  launch: LaunchWay[];
}

/** A hub to make links with, as it is remembered. */
export interface Hub {
  /** Its base URL; `web+binder:` for a handler of that protocol. */
  url: string;
  kind: HubKind | "handler";
  /** Its own name, else its host. */
  name: string;
  /** The path of its logo, below its base. */
  logo: string | null;
  launch: LaunchWay[];
}

/** What an address answered. */
export interface Discovery {
  /** The base to make links with; `""` when the text is no address. */
  url: string;
  kind: HubKind | "none";
  /** Of the hub's software, if it says so. */
  version: string | null;
  name: string | null;
  /** Ways to launch, the best first. */
  launch: LaunchWay[];
  /** `profile`, `versions`, `hub-api`, `jupyter-lite-json`, `api` or `image`. */
  found_by: string | null;
  profile: HubProfile | null;
  /** Why there is nothing to launch on, and what to do now. */
  problem: HubroamError | null;
}

/** One question to a candidate. */
export interface Probe {
  url: string;
  /** Asked for as an image; else as JSON. */
  image: boolean;
  /** Answered by every hub that is well: it is asked before the others are needed. */
  first: boolean;
}

/** What came back: `refused` is something that a page may not read. */
export interface Answer {
  outcome: "json" | "image" | "other" | "refused" | "unreachable" | "timeout";
  /** The document, or the image's width and height. */
  value?: any;
  /** Where the answer came from, after redirects. */
  url?: string;
}

export interface DiscoveryOptions {
  fetch?: typeof globalThis.fetch;
  signal?: AbortSignal;
  /** Milliseconds until what did not answer counts as too slow. */
  timeout?: number;
  /** Of the page that asks, such as `"https:"`. */
  protocol?: string;
}

/** What a hub hands over to a page: a session's address, and the token that opens it. */
export interface LiveSession {
  url: string;
  token: string;
}

/** What a launch link names. */
export interface LaunchLink {
  hub: string;
  kind: "binder" | "git-pull" | "server" | "content";
  /** Null for a site that has its own content. */
  spec: BinderSpec | null;
  urlpath?: string;
  labpath?: string;
  filepath?: string;
  /** The repository of the content, where the environment is another's. */
  content?: BinderSpec;
  /** The folder that the recipe is in. */
  env_path?: string;
}

/** What is said of launches: `docs/reference/launch-settings.md`. */
export interface LaunchSettings {
  /** Whether there is a launch control; left out, it depends on what the page is. */
  launch?: boolean;
  repo?: string;
  provider?: string;
  ref?: string;
  path?: string;
  urlpath?: string;
  environment?: LaunchSettings;
  hubs?: string[];
  binder?: string;
  roam?: string;
  label?: string;
  live?: string;
}

/** What a page of a book launches. */
export interface PageLaunch {
  /** Those of `<hub-launch>`. */
  attributes: Record<string, string>;
  /** The plain link, for print and wherever no control can be. */
  link: string;
}

/** A line of YAML that is neither blank nor a comment. */
export interface YamlLine {
  number: number;
  indent: number;
  text: string;
}

/** What an anywidget is given to read; themes have no more of it. */
export interface WidgetModel {
  get(name: string): unknown;
}

/** A MyST book, as far as its configuration tells of launches. */
export interface MystBook {
  /** The path of its `myst.yml`. */
  file: string;
  /** The top folder of its checkout. */
  root: string;
  settings: LaunchSettings;
  /** What is wrong in the configuration, and in which line of it. */
  problem?: Error & { line: number };
}

/** What a page's source says. */
export interface MystPage {
  /** Whether it says that it has a kernel. */
  runs: boolean;
  settings: LaunchSettings;
  /** Where they stand. */
  line: number;
  problem?: Error & { line: number };
}

/** A node of MyST's syntax tree: <https://mystmd.org/spec>. */
export interface MystNode {
  type: string;
  children?: MystNode[];
  position?: { start: { line: number } };
  [name: string]: unknown;
}

/** The file that a tree is of: a vfile, <https://github.com/vfile/vfile>. */
export interface MystFile {
  path: string;
  message(text: string, place: object): void;
}

/** A link into a repository, to a file of it. */
export interface FileLink {
  spec: BinderSpec;
  path: string;
  /** `open`: as a notebook, elsewhere. */
  verb: "edit" | "open" | "view";
}

/** What a published page launches. */
export interface ForeignLaunch {
  spec: BinderSpec;
  content?: BinderSpec;
  labpath?: string;
  filepath?: string;
  urlpath?: string;
  env_path?: string;
  found_by: string;
  /** `path`, `notebook`, `choice`: what was not found. */
  lacks: string[];
}

/** Asks a URL of the page's own origin for JSON; gives null where there is none. */
export type Ask = (url: string) => Promise<any>;
