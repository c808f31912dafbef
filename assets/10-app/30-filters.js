// The filter bar's state lives in the URL. replaceState does not wake the page router and survives reload and Back.
(function () {
  "use strict";
  const space = (window.dash_clientside = Object.assign({}, window.dash_clientside));
  const plain = { range: "12M", grain: "month", cmp: "previous_year" };
  const keys = ["range", "from", "to", "grain", "cmp", "by", "top", "others", "where", "as_of"];

  function query(state) {
    // Keys of others (a page's own) stay as they are.
    const params = new URLSearchParams(window.location.search);
    keys.forEach((key) => params.delete(key));
    keys.forEach((key) => [].concat(state[key] || []).forEach((value) => params.append(key, value)));
    const text = params.toString();
    return text ? "?" + text : "";
  }

  function remember(state) {
    const url = window.location.pathname + query(state) + window.location.hash;
    if (url !== window.location.pathname + window.location.search + window.location.hash) {
      window.history.replaceState(window.history.state, "", url);
    }
  }

  function chip(where) {
    const cross = { namespace: "dash_html_components", type: "I", props: { className: "bi bi-x", "aria-hidden": "true" } };
    const button = {
      namespace: "dash_html_components",
      type: "Button",
      props: { children: [where, cross], type: "button", className: "ll-chip", title: "Remove this filter",
               "aria-label": "Remove filter " + where, "data-ll-chip": where },
    };
    return { namespace: "dash_html_components", type: "Li", props: { children: button } };
  }

  space.ledgerline = Object.assign({}, space.ledgerline, {
    filters(range, from, to, grain, compare, by, by2, by3, top, asOf, where, before, kept) {
      const state = {};
      const put = (key, value) => { if (value && value !== plain[key]) state[key] = value; };
      const isCustom = range === "custom";
      if (!isCustom || (from && to)) put("range", range);
      if (isCustom && from && to) Object.assign(state, { from, to });
      put("grain", grain);
      put("cmp", compare);
      const splits = Array.from(new Set([by, by2, by3].filter((name) => name && name !== "none")));
      const [largest, others] = splits.length && top && top !== "all" ? top.split(",") : [];
      put("by", splits.join(","));
      put("top", largest);
      put("others", others);
      put("as_of", kept && asOf === kept.shown ? kept.value : asOf);
      if (where && where.length) state.where = where;
      remember(state);
      const same = before && JSON.stringify(before) === JSON.stringify(state);
      const drawsNone = Boolean(document.querySelector("[hidden] > #filter-by"));
      const unseen = ["from", "to", "others"].concat(drawsNone ? ["by", "top"] : []);
      const count = Object.keys(state).filter((key) => !unseen.includes(key)).length;
      const none = window.dash_clientside.no_update;
      return [same ? none : state, (where || []).map(chip), !isCustom, count ? String(count) : "",
              same ? none : Boolean(before),
              ...[!splits.length, splits.length < 2, !splits.length].map((hidden) => drawsNone || hidden)];
    },
    add_filter(_clicks, column, op, values, where) {
      const none = window.dash_clientside.no_update;
      if (!column || !values || !values.trim()) return [none, none];
      const added = column + op + values.trim();
      return [(where || []).filter((w) => w !== added).concat(added), ""];
    },
    reset_filters() {
      return [[], "12M", "", "", "month", "previous_year", "none", "none", "none", "all", ""];
    },
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ll-chip]");
    if (!button) return;
    const left = Array.from(document.querySelectorAll("[data-ll-chip]"))
      .filter((other) => other !== button).map((other) => other.dataset.llChip);
    window.ledgerline.put("filter-where", left);
    const reset = document.getElementById("filter-add");
    if (reset) reset.focus();
  });
})();
