// Back to the conversation: this tab remembers it, nothing has to be sent.
const form = /** @type {HTMLFormElement} */ (document.getElementById("retour"));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  location.assign("/");
});
