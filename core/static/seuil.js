/* Small comforts on top of pages that work without it: quick exit, focus after a swap, keyboard, offline message. */
(() => {
  "use strict";
  const off = "seuil.shortcuts";
  const find = (selector, root = document) => root.querySelector(selector);
  // Storage may be forbidden (private browsing): the shortcuts then simply stay on.
  const kept = () => { try { return localStorage.getItem(off) !== "off"; } catch { return true; } };
  const keep = (on) => { try { on ? localStorage.removeItem(off) : localStorage.setItem(off, "off"); } catch { /* stays for this page */ } };
  let shortcuts = kept();

  /* Quick exit: the page goes blank at once, the session is ended in the background, then the neutral site
     replaces this page so that "back" does not return here. */
  const leave = () => {
    const door = find("[data-quick-exit]");
    if (!door) return;
    const away = door.dataset.quickExit;
    document.title = "";
    document.body.hidden = true;
    if (door.tagName !== "FORM") return location.replace(away);
    const go = () => location.replace(away);
    fetch(door.action, { method: "POST", body: new URLSearchParams(new FormData(door)), keepalive: true, redirect: "manual" }).then(go, go);
    setTimeout(go, 1500);
  };
  document.addEventListener("submit", (event) => { if (event.target.matches("form[data-quick-exit]")) { event.preventDefault(); leave(); } });
  document.addEventListener("click", (event) => { if (event.target.closest("a[data-quick-exit]")) { event.preventDefault(); leave(); } });
  let shifts = [];
  let alone = false;
  document.addEventListener("keydown", (event) => { alone = event.key === "Shift" && !event.ctrlKey && !event.altKey && !event.metaKey; if (!alone) shifts = []; });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    shifts = [...shifts.filter((at) => event.timeStamp - at < 1500), event.timeStamp];
    if (shifts.length >= 3) leave();
  });

  /* Keyboard of the back-office. */
  const typing = (el) => el.closest("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-rows] > li, [data-rows] > tbody > tr")].map((row) => find("a, button", row)).filter(Boolean);
  const step = (by) => {
    const links = rows();
    const here = links.findIndex((link) => (link.closest("tr, li")).contains(document.activeElement));
    const next = links[here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by];
    if (next) next.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      if (form && shortcuts) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (!shortcuts || event.ctrlKey || event.altKey || event.metaKey || typing(event.target) || find("dialog[open]")) return;
    const search = find("[data-search]");
    const sheet = find("#shortcuts");
    const acts = { "/": search && (() => { search.focus(); search.select(); }), "?": sheet && (() => sheet.showModal()), j: sheet && (() => step(1)), k: sheet && (() => step(-1)) };
    if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  });
  const opener = find("[data-shortcuts]");
  if (opener) { opener.hidden = false; opener.addEventListener("click", () => find("#shortcuts").showModal()); }
  const wanted = find("[data-shortcuts-on]");
  if (wanted) { wanted.checked = shortcuts; wanted.addEventListener("change", () => { shortcuts = wanted.checked; keep(shortcuts); }); }

  /* Beside the work the menu is open, on a narrow screen folded: its style alone says so where it can. */
  const fold = find("[data-fold]");
  if (fold) {
    const narrow = matchMedia("(max-width: 59.99rem)");
    const follow = () => { fold.open = !narrow.matches; };
    follow();
    narrow.addEventListener("change", follow);
  }
  document.addEventListener("click", (event) => { for (const open of document.querySelectorAll("details.languages[open]")) if (!open.contains(event.target)) open.open = false; });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details.languages[open]");
    if (open) { open.open = false; find("summary", open).focus(); }
  });

  /* A text to copy: the button is there only where it can do it. */
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => navigator.clipboard.writeText(find("#" + button.dataset.copy).textContent.trim()).then(() => { button.textContent = button.dataset.copied; }));
  }

  // Paper has no arrow to click: folded panels open for printing.
  addEventListener("beforeprint", () => { for (const panel of document.querySelectorAll("details.panel")) panel.open = true; });

  /* The card's QR code brings the code behind the #: into the field, then off the address and the history. */
  const field = find("#f-code");
  if (field && location.hash.startsWith("#code=")) {
    field.value = decodeURIComponent(location.hash.slice(6));
    history.replaceState(null, "", location.pathname + location.search);
  }

  /* Focus goes where the eye goes: the error summary, else the new heading. Autosave never moves it. */
  const land = (root) => {
    const target = find(".error-summary", root) || (root.matches("h1, h2, h3") ? root : find("h1, h2, h3", root));
    if (!target) return;
    target.tabIndex = -1;
    target.focus();
  };
  const summary = find("#error-summary");
  if (summary) summary.focus();
  document.addEventListener("htmx:afterSettle", (event) => {
    const cause = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    if (!cause || !["click", "submit"].includes(cause.type) || event.detail.elt.closest("[data-keep-focus]")) return;
    land(event.detail.elt);
  });
  // A refused form comes back as 409 or 422 with its errors: it is shown, not dropped.
  document.addEventListener("htmx:beforeSwap", (event) => { if ([409, 422].includes(event.detail.xhr.status)) { event.detail.shouldSwap = true; event.detail.isError = false; } });
  document.addEventListener("htmx:sendError", () => {
    const region = find("#flashes");
    if (!region) return;
    const words = document.createElement("p");
    words.className = "notice tone-warn";
    words.textContent = region.dataset.offline;
    region.replaceChildren(words);
  });
})();
