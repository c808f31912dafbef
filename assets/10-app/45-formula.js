// Writing a formula: the list of proposals under the field is a combobox's. The server says what could stand at the
// caret and what would mend a flaw; here are only the keys, the pointer and the words for screen readers.
(function () {
  "use strict";
  const WAIT = 110;
  let turn = 0;      // number of the last question; answers to earlier ones are not shown
  let timer = 0;
  let active = -1;   // the proposal that Enter and Tab take
  let eager = true;  // is the first proposal taken as chosen when the list opens?
  let muted = 0;     // the question whose answer shows the signature only

  const area = () => document.getElementById("kpi-formula");
  const list = () => document.getElementById("kpi-list");
  const options = () => Array.from(document.querySelectorAll("#kpi-list [role=option]"));
  const isOpen = () => Boolean(list() && !list().hidden);
  const isField = (node) => Boolean(node && node.id === "kpi-formula");

  function dress(field) {
    if (field.getAttribute("role") === "combobox") return;
    Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "false",
                     "aria-controls": "kpi-list", "aria-describedby": "kpi-formula-help kpi-flaws",
                     autocomplete: "off", autocapitalize: "off" })
      .forEach(([name, value]) => field.setAttribute(name, value));
  }

  function ask(wanted, at) {
    const field = area();
    if (!field) return;
    turn += 1;
    window.clearTimeout(timer);
    const asked = turn;
    timer = window.setTimeout(() => {
      if (asked !== turn || !area()) return;
      window.ledgerline.put("kpi-caret", { text: field.value, position: field.selectionStart, turn: asked, wanted });
    }, at === undefined ? WAIT : at);
  }

  function point(index) {
    const all = options();
    active = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, n) => option.setAttribute("aria-selected", String(n === active)));
    const field = area();
    if (active < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", all[active].id);
    return all[active].scrollIntoView({ block: "nearest" });
  }

  function close() {
    const field = area();
    if (list()) list().hidden = true;
    active = -1;
    if (!field) return;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function answered() {
    const found = list();
    const field = area();
    if (!found || !field || Number(found.dataset.turn) !== turn || found.llShown === turn) return;
    found.llShown = turn;
    const typed = Number(found.dataset.end) > Number(found.dataset.start);
    const count = options().length;
    if (!count || muted === turn || document.activeElement !== field || !(typed || found.dataset.wanted)) { close(); return; }
    found.hidden = false;
    dress(field);
    field.setAttribute("aria-expanded", "true");
    if (eager) point(0);
    window.ledgerline.say("kpi-formula-said", count === 1 ? "1 proposal" : count + " proposals");
  }

  function write(start, end, text, caret) {
    const field = area();
    field.focus();
    field.setSelectionRange(start, end);
    // The browser's own typing keeps what Undo takes back; where it is refused the value is set as a program does.
    if (!(text ? document.execCommand("insertText", false, text) : document.execCommand("delete"))) {
      const value = field.value.slice(0, start) + text + field.value.slice(end);
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, value);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    field.setSelectionRange(start + caret, start + caret);
  }

  function take(option) {
    const found = list();
    const insert = option.dataset.insert;
    const caret = Number(option.dataset.caret);
    write(Number(found.dataset.start), Number(found.dataset.end), insert, caret);
    close();
    eager = false;  // what follows is offered, not chosen: Tab goes on to the next field
    ask(caret < insert.length || insert.endsWith("(") || insert.endsWith(" "), 0);
  }

  function byKey(event) {
    const all = isOpen() ? options() : [];
    if (event.key === "Escape") { muted = turn; close(); return all.length > 0; }  // also for an answer under way
    if (event.key === " " && event.ctrlKey) { eager = true; ask(true, 0); return true; }
    if (event.key === "ArrowDown" && event.altKey && !all.length) { eager = true; ask(true, 0); return true; }
    if (!all.length || event.shiftKey || event.ctrlKey || event.metaKey) return false;
    if (event.key === "ArrowDown") { point(active + 1); return true; }
    if (event.key === "ArrowUp") { point(active < 0 ? all.length - 1 : active - 1); return true; }
    if ((event.key === "Enter" || event.key === "Tab") && active >= 0) { take(all[active]); return true; }
    return false;
  }

  // The caret is elsewhere: another function may be told, nothing is proposed unasked.
  function moved() {
    close();
    ask(false);
    muted = turn;
  }

  function mend(button) {
    const flawed = button.closest("[data-for]");
    const field = area();
    if (!field || !flawed || flawed.dataset.for !== field.value) return;
    const text = button.dataset.insert || "";
    write(Number(button.dataset.llMend), Number(button.dataset.end), text, text.length);
    window.ledgerline.say("kpi-formula-said", "The formula is changed");
  }

  document.addEventListener("focusin", (event) => { if (isField(event.target)) dress(event.target); });
  document.addEventListener("focusout", (event) => { if (isField(event.target)) { turn += 1; close(); } });
  document.addEventListener("input", (event) => {
    if (!isField(event.target)) return;
    if (isOpen()) close();
    eager = true;
    ask(false);
  });
  document.addEventListener("keydown", (event) => {
    if (!isField(event.target) || event.isComposing) return;
    if (byKey(event)) { event.preventDefault(); event.stopPropagation(); }
  }, true);
  document.addEventListener("keyup", (event) => {
    if (isField(event.target) && /^(Arrow(Left|Right)|Home|End)$/.test(event.key)) moved();
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest && event.target.closest("#kpi-list [role=option]");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
  document.addEventListener("click", (event) => {
    if (isField(event.target)) moved();
    const button = event.target.closest && event.target.closest("[data-ll-mend]");
    if (button) mend(button);
  });

  function look() {
    const field = area();
    if (!field) return;
    dress(field);
    answered();
    const isBad = Boolean(document.getElementById("kpi-flaw-list"));
    if (field.getAttribute("aria-invalid") !== String(isBad)) field.setAttribute("aria-invalid", String(isBad));
    const title = document.getElementById("kpi-review-title");
    if (title && !title.llSeen) {
      title.llSeen = true;
      title.focus();
    }
  }
  new MutationObserver(look).observe(document.documentElement, { subtree: true, childList: true });
})();
