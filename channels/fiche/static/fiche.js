// The browser's own menu prints too: the button is there only when it works.
const button = /** @type {HTMLButtonElement} */ (document.getElementById("imprimer"));
button.hidden = false;
button.addEventListener("click", () => window.print());
