/** German. */
export const de = {
  en: "de",
  Launch: "Starten",
  "on {hub}": "auf {hub}",
  "Change hub": "Hub wechseln",
  "Copy link": "Link kopieren",
  "The link is copied.": "Der Link ist kopiert.",
  "Where do you want to run it?": "Wo soll es laufen?",
  "Your hub’s address": "Adresse Ihres Hubs",
  "Use this hub": "Diesen Hub benutzen",
  "Any page of your JupyterHub or BinderHub will do. Only this browser remembers it.":
    "Jede Seite Ihres JupyterHub oder BinderHub genügt. Nur dieser Browser merkt sie sich.",
  "Used before": "Schon benutzt",
  Suggested: "Vorgeschlagen",
  Cancel: "Abbrechen",
  "Forget my hubs": "Meine Hubs vergessen",
  "Your hubs are forgotten.": "Ihre Hubs sind vergessen.",
  "This browser’s Binder hub": "Der Binder-Hub dieses Browsers",
  "this browser’s Binder hub": "dem Binder-Hub dieses Browsers",
  "Asking the hub…": "Der Hub wird gefragt …",
  "{name} is a Binder hub.": "{name} ist ein Binder-Hub.",
  "{name} is a BinderHub.": "{name} ist ein BinderHub.",
  "{name} is a JupyterHub without Binder: it brings its own environment. If it shows 404, it lacks nbgitpuller.":
    "{name} ist ein JupyterHub ohne Binder: Er bringt seine eigene Umgebung mit. Zeigt er 404, so fehlt ihm nbgitpuller.",
  "{name} is a JupyterLite site: it opens its own files, in this browser.":
    "{name} ist eine JupyterLite-Seite: Sie öffnet ihre eigenen Dateien in diesem Browser.",
  "{name} is a Jupyter server: it brings its own environment. If it shows 404, it lacks nbgitpuller.":
    "{name} ist ein Jupyter-Server: Er bringt seine eigene Umgebung mit. Zeigt er 404, so fehlt ihm nbgitpuller.",
  "It opens the newest version, not the one of this page.":
    "Er öffnet die neueste Fassung, nicht die dieser Seite.",
  "It uses another recipe than this page.": "Er nimmt ein anderes Rezept als diese Seite.",
  "This page opens there in a new tab.": "Diese Seite öffnet sich dort in einem neuen Tab.",
  "No tab? Open it here.": "Kein Tab? Hier öffnen.",
  "Press Launch to open this page there.": "Mit „Starten“ öffnen Sie diese Seite dort.",
  "This browser blocks storage and cannot remember the hub.":
    "Dieser Browser sperrt den Speicher und kann sich den Hub nicht merken.",
  "This button is not set up right.": "Dieser Knopf ist nicht richtig eingerichtet.",
  "You know it? It is": "Sie kennen ihn? Es ist",
  "a BinderHub": "ein BinderHub",
  "a JupyterHub": "ein JupyterHub",
  "This is not the address of a website.": "Das ist keine Adresse einer Website.",
  "Paste the address of your hub, such as https://hub.example.org.":
    "Fügen Sie die Adresse Ihres Hubs ein, etwa https://hub.example.org.",
  "This hub does not open this kind of repository ({provider}).":
    "Dieser Hub öffnet diese Art von Repository nicht ({provider}).",
  "Choose another hub.": "Wählen Sie einen anderen Hub.",
  "{host} answers, but there is no hub at this address.":
    "{host} antwortet, aber an dieser Adresse ist kein Hub.",
  "Use the address where you sign in to your JupyterHub or BinderHub.":
    "Nehmen Sie die Adresse, an der Sie sich bei Ihrem JupyterHub oder BinderHub anmelden.",
  "{host} answers, but does not let this page read what it is.":
    "{host} antwortet, lässt diese Seite aber nicht lesen, was es ist.",
  "Check the address, and ask the hub’s operator to open it to book pages.":
    "Prüfen Sie die Adresse, und bitten Sie den Betreiber, den Hub für Buchseiten zu öffnen.",
  "{host} did not answer in time.": "{host} hat nicht rechtzeitig geantwortet.",
  "Try again in a moment, or open it in a new tab to see whether it is well.":
    "Versuchen Sie es gleich noch einmal, oder sehen Sie in einem neuen Tab nach.",
  "{host} cannot be reached.": "{host} ist nicht erreichbar.",
  "Check the spelling, and open it in a new tab: it may be down, or its certificate not trusted.":
    "Prüfen Sie die Schreibweise, und öffnen Sie es in einem neuen Tab: Vielleicht ist es ausgefallen, oder sein Zertifikat gilt nicht.",
  "This page is secure (https) and {host} is not (http): the browser keeps them apart.":
    "Diese Seite ist sicher (https), {host} nicht (http): Der Browser trennt sie.",
  "Try https://{host}, or ask the hub’s operator for its https address.":
    "Versuchen Sie https://{host}, oder fragen Sie den Betreiber nach der https-Adresse.",
};
