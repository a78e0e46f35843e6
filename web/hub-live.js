/** Defines `<hub-live>`. */
import { HubLiveElement } from "./hub-live-element.js";

if (!customElements.get("hub-live")) customElements.define("hub-live", HubLiveElement);
