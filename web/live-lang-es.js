/** Spanish, of what `<hub-live>` says. */
export const es = {
  en: "es",
  "Run the cells here": "Ejecutar las celdas aquí",
  "Run all": "Ejecutar todo",
  Run: "Ejecutar",
  Interrupt: "Interrumpir",
  Restart: "Reiniciar",
  "Open in JupyterLab": "Abrir en JupyterLab",
  "Code of cell {number}": "Código de la celda {number}",
  "Press again to run the cells there.": "Pulse otra vez para ejecutar las celdas allí.",
  "Agree in the window of {hub}.": "Acepte en la ventana de {hub}.",
  "Starting a kernel.": "Iniciando un kernel.",
  "The kernel is starting.": "El kernel se está iniciando.",
  "The kernel ended and is starting anew.": "El kernel terminó y se está iniciando de nuevo.",
  "Ready.": "Listo.",
  "Running.": "En ejecución.",
  "The kernel has ended. Restart it.": "El kernel ha terminado. Reinícielo.",
  "The connection to the hub is lost; trying again.":
    "Se perdió la conexión con el hub; se intenta de nuevo.",
  "The browser did not open the hub’s window.": "El navegador no abrió la ventana del hub.",
  "Allow windows of this page, then press again.":
    "Permita las ventanas de esta página y pulse otra vez.",
  "The hub’s window was closed before the session was there.":
    "La ventana del hub se cerró antes de que hubiera sesión.",
  "Press again when you want to run the cells.":
    "Pulse otra vez cuando quiera ejecutar las celdas.",
  "What runs the cells could not be loaded.": "No se pudo cargar lo que ejecuta las celdas.",
  "Check your network, then press again; or open the page in JupyterLab.":
    "Compruebe su red y pulse otra vez; o abra la página en JupyterLab.",
  "The cells could not be connected to the hub.": "No se pudieron conectar las celdas con el hub.",
  "Press again; or open the page in JupyterLab.":
    "Pulse otra vez; o abra la página en JupyterLab.",
  "{hub} does not run the cells of other sites’ pages.":
    "{hub} no ejecuta celdas de páginas de otros sitios.",
  "Open the page in JupyterLab instead, or choose another hub.":
    "Abra la página en JupyterLab, o elija otro hub.",
};
