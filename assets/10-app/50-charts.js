// Charts whose lines lead somewhere: a click goes there, as a link does.
(function () {
  "use strict";
  const space = (window.dash_clientside = Object.assign({}, window.dash_clientside));
  space.ledgerline = Object.assign({}, space.ledgerline, {
    follow(clicked, figure) {
      const point = clicked && clicked.points && clicked.points[0];
      const trace = point && figure && figure.data[point.curveNumber];
      const href = trace && trace.meta && trace.meta.href;
      if (!href || !href.startsWith("/") || href.startsWith("//")) return window.dash_clientside.no_update;
      // As a link of Dash does. Through the location's own property an old address would come back with every new chart.
      window.history.pushState({}, "", href);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      return href;
    },
  });
})();
