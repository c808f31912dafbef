// Arranging cards: by drag and by keyboard, size S/M/L, hide. The order on the page is the state; every change puts
// {order, sizes, hidden} into the Store `board-layout`. Cards move only inside their own grid, so React keeps its nodes.
(function () {
  "use strict";
  const isArranging = () => document.querySelector('[data-ll-arrange][aria-pressed="true"]') !== null;
  const cards = (grid) => Array.from(grid.querySelectorAll(":scope > .ll-card"));
  let dragged = null;
  let passed = null; // the card under the pointer was dealt with: cards of unequal size would swap for ever

  function tell() {
    const all = Array.from(document.querySelectorAll("[data-ll-board] > .ll-card"));
    const sizes = {};
    all.forEach((card) => { sizes[card.dataset.key] = card.dataset.size; });
    window.ledgerline.put("board-layout", {
      order: all.map((card) => card.dataset.key),
      sizes,
      hidden: all.filter((card) => card.classList.contains("is-hidden")).map((card) => card.dataset.key),
    });
  }

  function say(card) {
    const all = cards(card.parentNode);
    window.ledgerline.say("board-live", card.dataset.name + ", position " + (all.indexOf(card) + 1) + " of " + all.length);
  }

  function place(card, index) {
    const grid = card.parentNode;
    const others = cards(grid).filter((other) => other !== card);
    grid.insertBefore(card, others[index] || null);
  }

  function byKey(card, key) {
    const all = cards(card.parentNode);
    const at = all.indexOf(card);
    const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[key];
    if (to === undefined) return false;
    if (to >= 0 && to < all.length && to !== at) {
      place(card, to);
      card.querySelector("[data-ll-move]").focus();
      tell();
    }
    say(card);
    return true;
  }

  function resize(card, button) {
    const size = button.dataset.llSize;
    ["S", "M", "L"].forEach((s) => card.classList.toggle("ll-card-" + s, s === size));
    card.dataset.size = size;
    card.querySelectorAll("[data-ll-size]").forEach((b) => b.setAttribute("aria-pressed", String(b === button)));
    tell();
  }

  function hide(card, button) {
    button.setAttribute("aria-pressed", String(card.classList.toggle("is-hidden")));
    window.ledgerline.say("board-live", card.dataset.name + (card.classList.contains("is-hidden") ? " is hidden" : " is shown"));
    tell();
  }

  function arrange(button) {
    button.setAttribute("aria-pressed", String(!isArranging()));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ll-arrange], [data-ll-size], [data-ll-hide]");
    if (!button) return;
    const card = button.closest(".ll-card");
    if (button.hasAttribute("data-ll-arrange")) arrange(button);
    else if (button.hasAttribute("data-ll-size")) resize(card, button);
    else hide(card, button);
  });
  document.addEventListener("keydown", (event) => {
    const handle = event.target.closest && event.target.closest("[data-ll-move]");
    if (handle && byKey(handle.closest(".ll-card"), event.key)) event.preventDefault();
  });
  // Cards may be drawn anew at any time; whether one can be dragged is decided when it is touched.
  document.addEventListener("pointerdown", (event) => {
    const card = event.target.closest && event.target.closest("[data-ll-board] > .ll-card");
    if (card) card.draggable = isArranging();
  });
  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest && event.target.closest(".ll-card");
    if (!card || !isArranging()) return;
    dragged = card;
    card.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.key);
  });
  document.addEventListener("dragover", (event) => {
    const over = dragged && event.target.closest && event.target.closest(".ll-card");
    if (!over || over.parentNode !== dragged.parentNode) return;
    event.preventDefault();
    if (over === passed) return;
    passed = over;
    if (over !== dragged) place(dragged, cards(dragged.parentNode).indexOf(over));
  });
  document.addEventListener("drop", (event) => { if (dragged) event.preventDefault(); });
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.classList.remove("is-dragged");
    say(dragged);
    dragged = passed = null;
    tell();
  });
})();
