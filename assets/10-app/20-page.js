// Small manners of every page: things that open and close, links that are copied, Escape that closes.
(function () {
  "use strict";

  function toggle(button, open) {
    const target = document.getElementById(button.dataset.llToggle);
    if (!target) return;
    const isOpen = open === undefined ? !target.classList.contains("is-open") : open;
    target.classList.toggle("is-open", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) {
      const first = target.querySelector("select, input, button, a[href]");
      if (first) first.focus();
    }
  }

  async function copy(button) {
    const text = button.dataset.llCopy === "location" ? window.location.href : button.dataset.llCopy;
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch (_refused) {
      // Without https the clipboard is closed to scripts; the old way still works there.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "visually-hidden";
      document.body.appendChild(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    button.classList.toggle("is-copied", done);
    window.ledgerline.say("filter-said", done ? "Link copied" : "The link could not be copied");
    window.setTimeout(() => button.classList.remove("is-copied"), 1600);
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-ll-toggle]");
    if (opener) toggle(opener);
    const copier = event.target.closest("[data-ll-copy]");
    if (copier) copy(copier);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll('[data-ll-toggle][aria-expanded="true"]').forEach((button) => {
      toggle(button, false);
      button.focus();
    });
  });
})();
