/** German, of what `<hub-live>` says. */
export const de = {
  en: "de",
  "Run the cells here": "Zellen hier ausführen",
  "Run all": "Alle ausführen",
  Run: "Ausführen",
  Interrupt: "Unterbrechen",
  Restart: "Neu starten",
  "Open in JupyterLab": "In JupyterLab öffnen",
  "Code of cell {number}": "Code der Zelle {number}",
  "Press again to run the cells there.": "Drücken Sie noch einmal, um die Zellen dort auszuführen.",
  "Agree in the window of {hub}.": "Stimmen Sie im Fenster von {hub} zu.",
  "Starting a kernel.": "Ein Kernel wird gestartet.",
  "The kernel is starting.": "Der Kernel startet.",
  "The kernel ended and is starting anew.": "Der Kernel hat geendet und startet neu.",
  "Ready.": "Bereit.",
  "Running.": "Läuft.",
  "The kernel has ended. Restart it.": "Der Kernel hat geendet. Starten Sie ihn neu.",
  "The connection to the hub is lost; trying again.":
    "Die Verbindung zum Hub ist verloren; es wird wieder versucht.",
  "The browser did not open the hub’s window.": "Der Browser hat das Fenster des Hubs nicht geöffnet.",
  "Allow windows of this page, then press again.":
    "Erlauben Sie Fenster dieser Seite und drücken Sie noch einmal.",
  "The hub’s window was closed before the session was there.":
    "Das Fenster des Hubs wurde geschlossen, bevor die Sitzung da war.",
  "Press again when you want to run the cells.":
    "Drücken Sie noch einmal, wenn Sie die Zellen ausführen möchten.",
  "What runs the cells could not be loaded.": "Was die Zellen ausführt, konnte nicht geladen werden.",
  "Check your network, then press again; or open the page in JupyterLab.":
    "Prüfen Sie Ihr Netz und drücken Sie noch einmal; oder öffnen Sie die Seite in JupyterLab.",
  "The cells could not be connected to the hub.":
    "Die Zellen konnten nicht mit dem Hub verbunden werden.",
  "Press again; or open the page in JupyterLab.":
    "Drücken Sie noch einmal; oder öffnen Sie die Seite in JupyterLab.",
  "{hub} does not run the cells of other sites’ pages.":
    "{hub} führt keine Zellen von Seiten anderer Websites aus.",
  "Open the page in JupyterLab instead, or choose another hub.":
    "Öffnen Sie die Seite stattdessen in JupyterLab, oder wählen Sie einen anderen Hub.",
};
