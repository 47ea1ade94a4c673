// Inside the dialog of another site (see jalon.js): Escape closes it, and other sites open beside, not inside.

export function behaveInFrame() {
  if (window.parent === window) return;
  document.documentElement.classList.add("dans-un-cadre");
  document.addEventListener("keydown", (event) => {
    // The message says nothing of the person: any page may receive it.
    if (event.key === "Escape") window.parent.postMessage("jalon:fermer", "*");
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || !link.protocol.startsWith("http") || link.origin === location.origin) return;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  });
}
