/** French. */
export const fr = {
  en: "fr",
  Launch: "Lancer",
  "on {hub}": "sur {hub}",
  "Change hub": "Changer de hub",
  "Copy link": "Copier le lien",
  "The link is copied.": "Le lien est copié.",
  "Where do you want to run it?": "Où voulez-vous l’exécuter ?",
  "Your hub’s address": "Adresse de votre hub",
  "Use this hub": "Utiliser ce hub",
  "Any page of your JupyterHub or BinderHub will do. Only this browser remembers it.":
    "Toute page de votre JupyterHub ou BinderHub convient. Seul ce navigateur s’en souvient.",
  "Used before": "Déjà utilisé",
  Suggested: "Suggéré",
  Cancel: "Annuler",
  "Forget my hubs": "Oublier mes hubs",
  "Your hubs are forgotten.": "Vos hubs sont oubliés.",
  "This browser’s Binder hub": "Le hub Binder de ce navigateur",
  "this browser’s Binder hub": "le hub Binder de ce navigateur",
  "Asking the hub…": "Interrogation du hub…",
  "{name} is a Binder hub.": "{name} est un hub Binder.",
  "{name} is a BinderHub.": "{name} est un BinderHub.",
  "{name} is a JupyterHub without Binder: it brings its own environment. If it shows 404, it lacks nbgitpuller.":
    "{name} est un JupyterHub sans Binder : il a son propre environnement. S’il affiche 404, nbgitpuller lui manque.",
  "{name} is a JupyterLite site: it opens its own files, in this browser.":
    "{name} est un site JupyterLite : il ouvre ses propres fichiers, dans ce navigateur.",
  "{name} is a Jupyter server: it brings its own environment. If it shows 404, it lacks nbgitpuller.":
    "{name} est un serveur Jupyter : il a son propre environnement. S’il affiche 404, nbgitpuller lui manque.",
  "It opens the newest version, not the one of this page.":
    "Il ouvre la version la plus récente, pas celle de cette page.",
  "It uses another recipe than this page.": "Il prend une autre recette que cette page.",
  "This page opens there in a new tab.": "Cette page s’y ouvre dans un nouvel onglet.",
  "No tab? Open it here.": "Pas d’onglet ? Ouvrez-la ici.",
  "Press Launch to open this page there.": "Appuyez sur « Lancer » pour y ouvrir cette page.",
  "This browser blocks storage and cannot remember the hub.":
    "Ce navigateur bloque le stockage et ne peut retenir le hub.",
  "This button is not set up right.": "Ce bouton est mal configuré.",
  "You know it? It is": "Vous le connaissez ? C’est",
  "a BinderHub": "un BinderHub",
  "a JupyterHub": "un JupyterHub",
  "This is not the address of a website.": "Ce n’est pas l’adresse d’un site web.",
  "Paste the address of your hub, such as https://hub.example.org.":
    "Collez l’adresse de votre hub, comme https://hub.example.org.",
  "This hub does not open this kind of repository ({provider}).":
    "Ce hub n’ouvre pas ce type de dépôt ({provider}).",
  "Choose another hub.": "Choisissez un autre hub.",
  "{host} answers, but there is no hub at this address.":
    "{host} répond, mais il n’y a pas de hub à cette adresse.",
  "Use the address where you sign in to your JupyterHub or BinderHub.":
    "Utilisez l’adresse où vous vous connectez à votre JupyterHub ou BinderHub.",
  "{host} answers, but does not let this page read what it is.":
    "{host} répond, mais ne laisse pas cette page lire ce que c’est.",
  "Check the address, and ask the hub’s operator to open it to book pages.":
    "Vérifiez l’adresse, et demandez à l’administrateur du hub de l’ouvrir aux pages de livres.",
  "{host} did not answer in time.": "{host} n’a pas répondu à temps.",
  "Try again in a moment, or open it in a new tab to see whether it is well.":
    "Réessayez dans un instant, ou ouvrez-le dans un nouvel onglet pour voir s’il fonctionne.",
  "{host} cannot be reached.": "{host} est injoignable.",
  "Check the spelling, and open it in a new tab: it may be down, or its certificate not trusted.":
    "Vérifiez l’orthographe, et ouvrez-le dans un nouvel onglet : il est peut-être en panne, ou son certificat n’est pas reconnu.",
  "This page is secure (https) and {host} is not (http): the browser keeps them apart.":
    "Cette page est sécurisée (https) et {host} ne l’est pas (http) : le navigateur les sépare.",
  "Try https://{host}, or ask the hub’s operator for its https address.":
    "Essayez https://{host}, ou demandez son adresse https à l’administrateur du hub.",
};
