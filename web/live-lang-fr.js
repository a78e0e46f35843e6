/** French, of what `<hub-live>` says. */
export const fr = {
  en: "fr",
  "Run the cells here": "Exécuter les cellules ici",
  "Run all": "Tout exécuter",
  Run: "Exécuter",
  Interrupt: "Interrompre",
  Restart: "Redémarrer",
  "Open in JupyterLab": "Ouvrir dans JupyterLab",
  "Code of cell {number}": "Code de la cellule {number}",
  "Press again to run the cells there.": "Appuyez encore une fois pour y exécuter les cellules.",
  "Agree in the window of {hub}.": "Acceptez dans la fenêtre de {hub}.",
  "Starting a kernel.": "Démarrage d’un noyau.",
  "The kernel is starting.": "Le noyau démarre.",
  "The kernel ended and is starting anew.": "Le noyau s’est arrêté et redémarre.",
  "Ready.": "Prêt.",
  "Running.": "En cours d’exécution.",
  "The kernel has ended. Restart it.": "Le noyau s’est arrêté. Redémarrez-le.",
  "The connection to the hub is lost; trying again.":
    "La connexion au hub est perdue ; nouvel essai en cours.",
  "The browser did not open the hub’s window.": "Le navigateur n’a pas ouvert la fenêtre du hub.",
  "Allow windows of this page, then press again.":
    "Autorisez les fenêtres de cette page, puis appuyez de nouveau.",
  "The hub’s window was closed before the session was there.":
    "La fenêtre du hub a été fermée avant que la session soit là.",
  "Press again when you want to run the cells.":
    "Appuyez de nouveau quand vous voudrez exécuter les cellules.",
  "What runs the cells could not be loaded.":
    "Ce qui exécute les cellules n’a pas pu être chargé.",
  "Check your network, then press again; or open the page in JupyterLab.":
    "Vérifiez votre réseau, puis appuyez de nouveau ; ou ouvrez la page dans JupyterLab.",
  "The cells could not be connected to the hub.":
    "Les cellules n’ont pas pu être reliées au hub.",
  "Press again; or open the page in JupyterLab.":
    "Appuyez de nouveau ; ou ouvrez la page dans JupyterLab.",
  "{hub} does not run the cells of other sites’ pages.":
    "{hub} n’exécute pas les cellules de pages d’autres sites.",
  "Open the page in JupyterLab instead, or choose another hub.":
    "Ouvrez plutôt la page dans JupyterLab, ou choisissez un autre hub.",
};
