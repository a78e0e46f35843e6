/** Defines `<hub-launch>`; load it with `<script type="module">`. */
import { HubLaunchElement } from "./hub-launch-element.js";

if (!customElements.get("hub-launch")) customElements.define("hub-launch", HubLaunchElement);
