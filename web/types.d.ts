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
  /** For people. */
  name: string;
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
}

/** A hub that is both is a BinderHub. */
export type HubKind = "binderhub" | "jupyterhub";

/** A hub to make links with. */
export interface Hub {
  /** Its base URL: where `v2/` or `hub/` begins. */
  url: string;
  kind: HubKind;
}

/** What an address answered. */
export interface Discovery {
  /** The base to make links with; `""` when the text is no address. */
  url: string;
  kind: HubKind | "none" | "unreachable";
  /** Of the BinderHub or JupyterHub, if it says so. */
  version: string | null;
  /** Why there is nothing to launch on, and what to do now. */
  problem: HubroamError | null;
}

export interface DiscoveryOptions {
  fetch?: typeof globalThis.fetch;
  signal?: AbortSignal;
  /** Milliseconds until an endpoint counts as unreachable. */
  timeout?: number;
  /** Of the page that asks, such as `"https:"`. */
  protocol?: string;
}
