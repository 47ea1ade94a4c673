// Starts the interactive API page. A file of its own: the security policy allows no inline script.
window.addEventListener("load", () => {
  SwaggerUIBundle({ url: "/api/v1/openapi.json", dom_id: "#api", validatorUrl: null });
});
