import { test } from "node:test";

import { pageLaunch, readSettings, settingsOver } from "../book-launch.js";
import { check, vectors } from "./vectors.js";

for (const vector of vectors("book-launch")) {
  test(`launch settings: ${vector.name}`, () =>
    check(vector, ({ book, page }) =>
      pageLaunch(settingsOver(readSettings(page), readSettings(book))),
    ));
}
