// A session that ended: Dash shows nothing for a 401, so the person is sent to sign in and comes back here afterwards.
// Forms and requests of ours carry the CSRF token; Dash's own requests already do.
(function () {
  "use strict";
  const ask = window.fetch.bind(window);
  let isLeaving = false;

  window.ledgerline.signIn = function () {
    if (isLeaving) return;
    isLeaving = true;
    window.location.assign("/login?next=" + encodeURIComponent(window.location.pathname + window.location.search));
  };

  window.fetch = async function (resource, options) {
    const answer = await ask(resource, options);
    const url = new URL(typeof resource === "string" ? resource : resource.url || String(resource), window.location.href);
    if (answer.status === 401 && url.origin === window.location.origin && url.pathname.startsWith("/_dash-")) {
      window.ledgerline.signIn();
    }
    return answer;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const isOurs = new URL(form.action || window.location.href, window.location.href).origin === window.location.origin;
    if (form.method !== "post" || !isOurs || form.querySelector('input[name="csrf_token"]')) return;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "csrf_token";
    field.value = window.ledgerline.csrf();
    form.appendChild(field);
  }, true);
})();
