// The launch button of Jupyter Book 2 on a page of a book:
//     page.html?repo=<clone URL>&location=<file, with a slash before it as MyST writes it>
// What is in `binder` is what `thebe: {binder: {provider: git, repo: …}}` in a myst.yml becomes.
import { createRoot } from "react-dom/client";
import { LaunchButton } from "./node_modules/@myst-theme/frontmatter/dist/LaunchButton.js";

const { repo, location } = Object.fromEntries(new URLSearchParams(window.location.search));
const binder = { url: "https://mybinder.org/", provider: "git", repo, ref: "HEAD" };
createRoot(document.getElementById("root")).render(
  <LaunchButton thebe={{ binder }} location={location} />,
);
