/**
 * The YAML that people write settings in, read where no library can be had: the plugin for MyST is
 * one file, and Node brings none.
 *
 * Mappings, lists, quoted and plain texts, in lines and in brackets, as YAML 1.2's core schema has
 * them. What is asked for and holds anything else (anchors, tags, block texts) is refused; what is
 * not asked for is not read.
 */

/** @import { YamlLine } from "./types.js" */

const KEY =
  /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|((?!-\s)[^\s"'#&*!|>%@`[\]{},](?:[^:#]|:(?=\S)|(?<=\S)#)*?))\s*:(?:\s+(.*))?$/;
const ITEM = /^-(?:\s+(.*))?$/;
/** @type {[RegExp, (text: string) => unknown][]} */
const CORE_SCHEMA = [
  [/^(?:~|null|Null|NULL|)$/, () => null],
  [/^(?:true|True|TRUE)$/, () => true],
  [/^(?:false|False|FALSE)$/, () => false],
  [/^[-+]?[0-9]+$|^0o[0-7]+$|^0x[0-9a-fA-F]+$/, Number],
  [/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/, Number],
  [/^[-+]?\.(?:inf|Inf|INF)$/, (text) => (text.startsWith("-") ? -Infinity : Infinity)],
  [/^\.(?:nan|NaN|NAN)$/, () => NaN],
];
/** @type {Record<string, string>} */
const ESCAPES = { 0: "\0", a: "\x07", b: "\b", t: "\t", n: "\n", v: "\v", f: "\f", r: "\r", e: "\x1b", N: "\x85", _: "\xa0", L: "\u2028", P: "\u2029" };

/** A value that was not read yet. */
export class YamlNode {
  /**
   * @param {YamlLine[]} lines the first of which may be empty
   * @param {boolean} [behind] whether the first stands behind a name, where no lines can begin
   */
  constructor(lines, behind = false) {
    this.lines = lines;
    this.behind = behind;
    /** Of the text, from 1. */
    this.line = lines[0]?.number ?? 1;
  }

  /**
   * A document's value.
   * @param {string} text
   * @param {number} [first] the number of its first line
   */
  static of(text, first = 1) {
    const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
    const start = /^---(?:\s|$)/.test(lines[0] ?? "") ? 1 : 0;
    const end = lines.findIndex((line, at) => at >= start && /^(?:---|\.\.\.)(?:\s|$)/.test(line));
    return new YamlNode(
      lines
        .map((line, at) => ({ number: at + first, indent: line.search(/\S|$/), text: line.trim() }))
        .slice(start, end < 0 ? lines.length : end)
        .filter((line) => line.text),
    );
  }

  /** The values of a mapping by their names; null where this is none. */
  entries() {
    return this.#inLines() ?? this.#inBraces();
  }

  #inLines() {
    const [head] = this.#block();
    if (!head || !this.#begins(KEY)) return null;
    const found = /** @type {Map<string, YamlNode>} */ (new Map());
    for (const { number, indent, text } of this.#block()) {
      const [whole, double, single, plain, rest] = indent > head.indent ? [] : (KEY.exec(text) ?? []);
      if (whole === undefined) {
        [...found.values()].at(-1)?.lines.push({ number, indent, text });
        continue;
      }
      const name = double !== undefined ? unescape(double) : (single?.replaceAll("''", "'") ?? plain);
      found.set(name ?? "", new YamlNode([{ number, indent, text: rest ?? "" }], true));
    }
    return found;
  }

  #inBraces() {
    if (!this.#block()[0]?.text.startsWith("{")) return null;
    try {
      const found = Object.entries(/** @type {Record<string, unknown>} */ (this.value()));
      // JSON is YAML in brackets
      return new Map(
        found.map(([name, value]) => [
          name,
          new YamlNode([{ number: this.line, indent: 0, text: JSON.stringify(value) }]),
        ]),
      );
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }

  /**
   * What a way of names leads to; null where it leads to nothing.
   * @param {string[]} names
   * @returns {YamlNode | null}
   */
  at(...names) {
    const [name, ...others] = names;
    if (name === undefined) return this;
    return this.entries()?.get(name)?.at(...others) ?? null;
  }

  /**
   * What it is in JavaScript.
   * @returns {unknown}
   * @throws {SyntaxError} it is YAML of another kind
   */
  value() {
    const block = this.#block();
    const items = this.#begins(ITEM) ? this.#items(block) : null;
    if (items) return items.map((item) => item.value());
    const entries = this.#inLines();
    if (entries) return Object.fromEntries([...entries].map(([name, node]) => [name, node.value()]));
    const scanner = new Scanner(this.lines.map((line) => line.text).join("\n").trim());
    return scanner.whole();
  }

  /**
   * Whether a value in lines begins, and how.
   * @param {RegExp} pattern
   */
  #begins(pattern) {
    const [head] = this.#block();
    return head !== undefined && pattern.test(head.text) && !(this.behind && head === this.lines[0]);
  }

  /** The lines of a value that stands in lines of its own. */
  #block() {
    const begin = this.lines.findIndex(({ text }) => text && !text.startsWith("#"));
    return begin < 0 ? [] : this.lines.slice(begin);
  }

  /** @param {YamlLine[]} block */
  #items(block) {
    const indent = block[0]?.indent ?? 0;
    const items = /** @type {YamlNode[]} */ ([]);
    for (const line of block) {
      const found = line.indent === indent ? ITEM.exec(line.text) : null;
      if (!found) {
        items.at(-1)?.lines.push(line);
        continue;
      }
      const text = found[1] ?? "";
      items.push(new YamlNode([{ ...line, indent: indent + line.text.length - text.length, text }]));
    }
    return items;
  }
}

/** Reads what stands in one line, or in brackets over some lines. */
class Scanner {
  #at = 0;

  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  whole() {
    const value = this.#value(false);
    this.#skip();
    if (this.#at < this.text.length) throw this.#refusal();
    return value;
  }

  /**
   * @param {boolean} inBrackets
   * @returns {unknown}
   */
  #value(inBrackets) {
    this.#skip();
    const mark = this.text[this.#at] ?? "";
    if (mark === "[") return this.#list();
    if (mark === "{") return this.#mapping();
    if (mark === '"' || mark === "'") return this.#quoted(mark);
    if (/[&*!|>%@`]/.test(mark)) throw this.#refusal();
    const text = this.#plain(inBrackets);
    const [, read] = CORE_SCHEMA.find(([pattern]) => pattern.test(text)) ?? [];
    return read ? read(text) : text;
  }

  #list() {
    const list = [];
    for (this.#at += 1; !this.#closed("]"); this.#comma("]")) list.push(this.#value(true));
    return list;
  }

  #mapping() {
    /** @type {Record<string, unknown>} */
    const mapping = {};
    for (this.#at += 1; !this.#closed("}"); this.#comma("}")) {
      const name = String(this.#value(true));
      this.#skip();
      const given = this.text[this.#at] === ":";
      if (given) this.#at += 1;
      mapping[name] = given ? this.#value(true) : null;
    }
    return mapping;
  }

  /** @param {string} mark */
  #closed(mark) {
    this.#skip();
    if (this.#at >= this.text.length) throw this.#refusal();
    if (this.text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  /** @param {string} closing */
  #comma(closing) {
    this.#skip();
    if (this.text[this.#at] === ",") this.#at += 1;
    else if (this.text[this.#at] !== closing) throw this.#refusal();
  }

  /** @param {string} mark */
  #quoted(mark) {
    const pattern = mark === '"' ? /"((?:[^"\\]|\\[^])*)"/y : /'((?:[^']|'')*)'/y;
    pattern.lastIndex = this.#at;
    const [whole, text = ""] = pattern.exec(this.text) ?? [];
    if (whole === undefined) throw this.#refusal();
    this.#at += whole.length;
    return mark === '"' ? unescape(text) : text.replaceAll("''", "'").replace(/\s*\n\s*/g, " ");
  }

  /** @param {boolean} inBrackets */
  #plain(inBrackets) {
    const pattern = inBrackets
      ? /(?:[^\s,[\]{}:#]|:(?![\s,[\]{}]|$)|(?<=\S)#|\s+(?![\s#,[\]{}:])|\s+(?=:[^\s,[\]{}]))*/y
      : /(?:[^\s:#]|:(?!\s|$)|(?<=\S)#|\s+(?![\s#]))*/y;
    pattern.lastIndex = this.#at;
    const [text = ""] = pattern.exec(this.text) ?? [];
    this.#at += text.length;
    return text.trim().replace(/\s*\n\s*/g, " ");
  }

  /** Go over blanks and comments. */
  #skip() {
    const blank = /(?:\s|(?<=^|\s)#.*)*/y;
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.text)?.[0].length ?? 0;
  }

  #refusal() {
    return new SyntaxError("It is written in a way of YAML that hubroam does not read.");
  }
}

/** @param {string} text the inside of double quotes */
function unescape(text) {
  const folded = text.replace(/\\\n\s*/g, "").replace(/[ \t]*\n\s*/g, " ");
  return folded.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g,
    (_, two, four, eight, one) => {
      const code = two ?? four ?? eight;
      return code ? String.fromCodePoint(parseInt(code, 16)) : (ESCAPES[one] ?? one);
    },
  );
}
