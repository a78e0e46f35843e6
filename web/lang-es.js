/** Spanish. */
export const es = {
  en: "es",
  Launch: "Iniciar",
  "on {hub}": "en {hub}",
  "Change hub": "Cambiar de hub",
  "Copy link": "Copiar el enlace",
  "The link is copied.": "El enlace está copiado.",
  "Where do you want to run it?": "¿Dónde quiere ejecutarlo?",
  "Your hub’s address": "Dirección de su hub",
  "Use this hub": "Usar este hub",
  "Any page of your JupyterHub or BinderHub will do. Only this browser remembers it.":
    "Sirve cualquier página de su JupyterHub o BinderHub. Solo este navegador la recuerda.",
  "Used before": "Ya usado",
  Suggested: "Sugerido",
  Cancel: "Cancelar",
  "Forget my hubs": "Olvidar mis hubs",
  "Your hubs are forgotten.": "Sus hubs están olvidados.",
  "This browser’s Binder hub": "El hub de Binder de este navegador",
  "this browser’s Binder hub": "el hub de Binder de este navegador",
  "Asking the hub…": "Preguntando al hub…",
  "{name} is a Binder hub.": "{name} es un hub de Binder.",
  "{name} is a BinderHub.": "{name} es un BinderHub.",
  "{name} is a JupyterHub without Binder: it brings its own environment. If it shows 404, it lacks nbgitpuller.":
    "{name} es un JupyterHub sin Binder: trae su propio entorno. Si muestra 404, le falta nbgitpuller.",
  "{name} is a JupyterLite site: it opens its own files, in this browser.":
    "{name} es un sitio JupyterLite: abre sus propios archivos, en este navegador.",
  "{name} is a Jupyter server: it brings its own environment. If it shows 404, it lacks nbgitpuller.":
    "{name} es un servidor Jupyter: trae su propio entorno. Si muestra 404, le falta nbgitpuller.",
  "It opens the newest version, not the one of this page.":
    "Abre la versión más reciente, no la de esta página.",
  "It uses another recipe than this page.": "Usa otra receta que esta página.",
  "This page opens there in a new tab.": "Esta página se abre allí en una pestaña nueva.",
  "No tab? Open it here.": "¿No hay pestaña? Ábrala aquí.",
  "Press Launch to open this page there.": "Pulse «Iniciar» para abrir esta página allí.",
  "This browser blocks storage and cannot remember the hub.":
    "Este navegador bloquea el almacenamiento y no puede recordar el hub.",
  "This button is not set up right.": "Este botón no está bien configurado.",
  "You know it? It is": "¿Lo conoce? Es",
  "a BinderHub": "un BinderHub",
  "a JupyterHub": "un JupyterHub",
  "This is not the address of a website.": "Esto no es la dirección de un sitio web.",
  "Paste the address of your hub, such as https://hub.example.org.":
    "Pegue la dirección de su hub, por ejemplo https://hub.example.org.",
  "This hub does not open this kind of repository ({provider}).":
    "Este hub no abre este tipo de repositorio ({provider}).",
  "Choose another hub.": "Elija otro hub.",
  "{host} answers, but there is no hub at this address.":
    "{host} responde, pero no hay ningún hub en esta dirección.",
  "Use the address where you sign in to your JupyterHub or BinderHub.":
    "Use la dirección en la que inicia sesión en su JupyterHub o BinderHub.",
  "{host} answers, but does not let this page read what it is.":
    "{host} responde, pero no deja que esta página lea qué es.",
  "Check the address, and ask the hub’s operator to open it to book pages.":
    "Compruebe la dirección y pida al operador del hub que lo abra a las páginas de libros.",
  "{host} did not answer in time.": "{host} no respondió a tiempo.",
  "Try again in a moment, or open it in a new tab to see whether it is well.":
    "Inténtelo de nuevo en un momento, o ábralo en una pestaña nueva para ver si funciona.",
  "{host} cannot be reached.": "No se puede llegar a {host}.",
  "Check the spelling, and open it in a new tab: it may be down, or its certificate not trusted.":
    "Compruebe la ortografía y ábralo en una pestaña nueva: puede estar caído, o su certificado no ser de confianza.",
  "This page is secure (https) and {host} is not (http): the browser keeps them apart.":
    "Esta página es segura (https) y {host} no lo es (http): el navegador los separa.",
  "Try https://{host}, or ask the hub’s operator for its https address.":
    "Pruebe https://{host}, o pida al operador del hub su dirección https.",
};
