import { test } from "node:test";

import { expand, readProfile } from "../profile.js";
import { check, vectors } from "./vectors.js";

for (const vector of vectors("profiles", "read")) {
  test(`profile: ${vector.name}`, () => check(vector, readProfile));
}
for (const vector of vectors("profiles", "expand")) {
  test(`profile: ${vector.name}`, () =>
    check(vector, ({ hub, variables, ...way }) => expand(way, hub, variables)));
}
