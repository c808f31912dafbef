// Files go to the server as they are read: one multipart request with a progress bar, never a base64 text.
(function () {
  "use strict";
  let running = null;

  function zoneOf(node) { return node.closest("[data-ll-upload]"); }

  function target(zone) {
    const field = zone.dataset.llUploadFrom && document.getElementById(zone.dataset.llUploadFrom);
    return (field ? field.value : zone.dataset.llUpload) || "";
  }

  function megabytes(bytes) { return (bytes / 1048576).toFixed(1); }

  // Bytes that were sent are not yet stored: the bar is full when the server has said so, and never goes back.
  function show(zone, sent, total, name) {
    const bar = zone.querySelector("progress");
    const share = Math.max(Number(bar.value) || 0, Math.min(total ? sent / total : 0, 0.99));
    const said = sent < total ? megabytes(sent) + " of " + megabytes(total) + " MB sent" : "storing the file";
    zone.classList.add("is-busy");
    bar.value = share;
    bar.setAttribute("aria-valuenow", Math.floor(share * 100));
    bar.setAttribute("aria-valuetext", said);
    zone.querySelector(".ll-upload-name").textContent = name;
    zone.querySelector(".ll-upload-percent").textContent = said + " · " + Math.floor(share * 100) + " %";
  }

  function finish(zone, words, isBad) {
    running = null;
    zone.classList.remove("is-busy");
    const said = zone.querySelector(".ll-upload-said");
    said.textContent = words;
    said.classList.toggle("is-bad", Boolean(isBad));
    const button = zone.querySelector("[data-ll-upload-choose]");
    if (button) button.focus();
  }

  function showLink(zone, address) {
    const link = document.createElement("a");
    link.href = address;
    link.dataset.llLink = "true";
    link.textContent = "Open that upload";
    zone.querySelector(".ll-upload-said").append(" ", link);
  }

  function read(request) {
    try { return JSON.parse(request.responseText); } catch (_notJson) { return {}; }
  }

  function answered(zone, request, name) {
    const answer = read(request);
    if (request.status === 401) return window.ledgerline.signIn();
    if (request.status >= 200 && request.status < 300) {
      finish(zone, name + " has arrived.");
      return window.ledgerline.put("upload-result", Object.assign({ at: Date.now() }, answer));
    }
    finish(zone, answer.detail || answer.title || "The server refused the file (" + request.status + ").", true);
    if (typeof answer.link === "string" && /^\/data\/\w+$/.test(answer.link)) showLink(zone, answer.link);
    return undefined;
  }

  function send(zone, file) {
    if (running) return;
    const dataset = target(zone);
    if (!dataset) { finish(zone, "Choose a dataset first.", true); return; }
    const most = Number(zone.dataset.llUploadMost);
    if (most && file.size > most) {  // the server refuses it too, but can only hang up on a browser that is still sending
      finish(zone, file.name + " is larger than " + Math.floor(most / 1048576) + " MB.", true);
      return;
    }
    const form = new FormData();
    form.append("file", file, file.name);
    const request = (running = new XMLHttpRequest());
    request.open("POST", "/upload/" + encodeURIComponent(dataset));
    request.setRequestHeader("X-CSRFToken", window.ledgerline.csrf());
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => { if (event.lengthComputable) show(zone, event.loaded, event.total, file.name); };
    request.onload = () => answered(zone, request, file.name);
    request.onerror = () => finish(zone, "The connection broke. Nothing was stored; try again.", true);
    request.onabort = () => finish(zone, "Cancelled. Nothing was stored.");
    zone.querySelector(".ll-upload-said").textContent = "";
    zone.querySelector("progress").value = 0;
    show(zone, 0, file.size, file.name);
    request.send(form);
  }

  function choose(zone, accept) {
    let input = document.getElementById("upload-file");
    if (!input) {
      input = document.createElement("input");
      input.type = "file";
      input.id = "upload-file";
      input.hidden = true;
      document.body.appendChild(input);
    }
    input.accept = accept;
    input.value = "";
    input.onchange = () => { if (input.files.length) send(zone, input.files[0]); };
    input.click();
  }

  // What a check found stands below a long form: it is brought into sight once, for whoever asked for it.
  const ASKS = "#map-check, #import-correct-check", ANSWERS = "#import-outcome-title, #upload-progress [role=alert], " +
    "#upload-outcome [role=alert]";
  let asked = false;

  function arrived() {
    const answer = asked && document.querySelector(ANSWERS);
    if (!answer || answer.llSeen) return;
    asked = false;
    answer.tabIndex = -1;
    answer.focus();
  }

  function ask() {
    document.querySelectorAll(ANSWERS).forEach((old) => { old.llSeen = true; });
    asked = true;
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest(ASKS)) ask();
    const chooser = event.target.closest("[data-ll-upload-choose]");
    if (chooser) choose(zoneOf(chooser), chooser.dataset.llUploadChoose);
    if (event.target.closest("[data-ll-upload-cancel]") && running) running.abort();
  });
  ["dragover", "dragleave", "drop"].forEach((kind) => document.addEventListener(kind, (event) => {
    const zone = event.target.closest && zoneOf(event.target);
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("is-over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) send(zone, event.dataTransfer.files[0]);
  }));
  new MutationObserver(arrived).observe(document.documentElement, { subtree: true, childList: true });
})();
