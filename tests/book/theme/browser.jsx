// Takes up in the browser what server.jsx wrote.
import { hydrateRoot } from "react-dom/client";
import { Page } from "./page.jsx";

const page = JSON.parse(document.getElementById("page").textContent);
hydrateRoot(document.getElementById("root"), <Page page={page} />);
