/** What the plugin for MyST uses of Node.  The other modules are a browser's: they get none of it. */
declare module "node:child_process" {
  export function execFileSync(
    file: string,
    args: string[],
    options: { encoding: "utf-8"; stdio: string[]; timeout: number },
  ): string;
}

declare module "node:fs" {
  export function existsSync(path: string): boolean;
  export function mkdirSync(path: string, options: { recursive: true }): void;
  export function readFileSync(path: string, encoding: "utf-8"): string;
  export function realpathSync(path: string): string;
  export function statSync(path: string): { mtimeMs: number };
  export function writeFileSync(path: string, text: string): void;
}

declare module "node:path" {
  export function dirname(path: string): string;
  export function join(...parts: string[]): string;
  export function relative(from: string, to: string): string;
  export const sep: string;
}
