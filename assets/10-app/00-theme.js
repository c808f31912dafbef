// The look before the first paint: the server wrote the person's choice on <html>; only "system" is decided here.
// Place it in the page's head as well (it may run twice).
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    const choice = root.dataset.llTheme || "system";
    const look = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
    if (root.getAttribute("data-bs-theme") !== look) root.setAttribute("data-bs-theme", look);
    if (root.getAttribute("data-ag-theme-mode") !== look) root.setAttribute("data-ag-theme-mode", look);
  }

  function choose(choice) {
    root.dataset.llTheme = choice;
    apply();
    document.querySelectorAll("[data-ll-theme-choice]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.llThemeChoice === choice));
    });
    window.ledgerline.put("theme-choice", choice);
  }

  apply();
  if (window.ledgerline) return;
  window.ledgerline = {
    // Hands a value to a dcc.Store. `set_props` is the renderer's own door for scripts; plain server pages lack it.
    put(id, data) {
      if (window.dash_clientside && window.dash_clientside.set_props) window.dash_clientside.set_props(id, { data });
    },
    csrf() {
      const cookie = document.cookie.split("; ").find((c) => c.startsWith("_csrf_token="));
      const meta = document.querySelector('meta[name="csrf-token"]');
      return cookie ? decodeURIComponent(cookie.slice("_csrf_token=".length)) : meta ? meta.content : "";
    },
    say(id, words) {
      const place = document.getElementById(id);
      if (place) place.textContent = words;
    },
  };
  dark.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ll-theme-choice]");
    if (button) choose(button.dataset.llThemeChoice);
  });
})();
