// Draws what dashapp/ui/still.py sends: lists of [tag, attributes, children] become elements. Tags and attributes come
// from short lists and texts are set as texts, so nothing a person typed is ever read as markup or as a script.
(function () {
  "use strict";
  const tags = new Set(("a article section header footer nav div span p strong em small code pre i b br hr h1 h2 h3 h4 ul ol li del ins "
    + "dl dt dd table caption thead tbody tfoot tr th td details summary img progress button label time").split(" "));
  const plain = new Set(("class for id title role alt value max scope type hidden disabled draggable tabindex colspan rowspan "
    + "reversed start open datetime").split(" "));
  const isOurs = (url) => /^[/?#](?![/\\])/.test(url) || url === "/";

  function allowed(name, value) {
    if (name === "href") return isOurs(value);
    if (name === "src") return value.startsWith("data:image/svg+xml,");
    return plain.has(name) || name.startsWith("data-") || name.startsWith("aria-");
  }

  function build(node) {
    if (typeof node === "string") return document.createTextNode(node);
    const [tag, attributes, children] = node;
    if (tag && !tags.has(tag)) return document.createTextNode("");
    const made = tag ? document.createElement(tag) : document.createDocumentFragment();
    Object.entries(attributes).forEach(([name, value]) => {
      if (allowed(name, String(value))) made.setAttribute(name, value === true ? "" : String(value));
    });
    children.forEach((child) => { if (child !== null) made.appendChild(build(child)); });
    return made;
  }

  function draw(host) {
    const focus = host.contains(document.activeElement) ? document.activeElement.id : "";
    const text = host.getAttribute("data-ll-still");
    if (host.llStill === text) return;
    host.llStill = text;
    host.replaceChildren(build(JSON.parse(text) || ""));
    const again = focus && document.getElementById(focus);
    if (again) again.focus();
  }

  function look(node) {
    if (node.nodeType !== 1) return;
    if (node.hasAttribute("data-ll-still")) draw(node);
    else node.querySelectorAll("[data-ll-still]").forEach(draw);
  }

  new MutationObserver((changes) => {
    changes.forEach((change) => (change.type === "attributes" ? draw(change.target) : change.addedNodes.forEach(look)));
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ll-still"] });

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-ll-link]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.shiftKey || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    window.history.pushState({}, "", link.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  });
})();
