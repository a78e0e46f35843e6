// Writes a page as a static build does: `node server.js <page.json >page.html`.
import { readFileSync } from "node:fs";
import { renderToString } from "react-dom/server";
import { Page } from "./page.jsx";

const page = JSON.parse(readFileSync(0, "utf-8"));
const data = JSON.stringify(page).replaceAll("<", "\\u003c");
console.log(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${page.frontmatter.title}</title>
<link rel="icon" href="data:,">
<div id="root">${renderToString(<Page page={page} />)}</div>
<script id="page" type="application/json">${data}</script>
<script src="/theme.js"></script>`);
