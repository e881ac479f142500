// Small behaviours of the page frame, all optional: every page works without them.
(() => {
  function close(pane) {
    pane.classList.remove("is-open");
    const toggle = document.querySelector(`[data-drawer-toggle="${pane.id}"]`);
    toggle?.setAttribute("aria-expanded", "false");
    toggle?.focus();
  }

  // A drawer is the right pane on narrow screens: data-drawer-toggle="<id of the pane>".
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-drawer-toggle]");
    if (toggle) {
      const pane = document.getElementById(toggle.dataset.drawerToggle);
      const open = pane.classList.toggle("is-open");
      toggle.setAttribute("aria-expanded", String(open));
    }
    // It closes when one clicks beside it.
    for (const pane of document.querySelectorAll(".pane--right.is-open")) {
      if (!toggle && !pane.contains(event.target)) close(pane);
    }
    // A menu (details.menu) closes when one clicks elsewhere.
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    for (const pane of document.querySelectorAll(".pane--right.is-open")) {
      close(pane);
    }
  });

  // data-submit-on-change: a filter form that needs no button when scripts run.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form) form.requestSubmit();
  });

  // Live numbers stay when the connection is lost; the line below them says so.
  // <span data-offline hidden>as of <time></time>, connecting again</span>
  const offline = (lost) => {
    for (const note of document.querySelectorAll("[data-offline]")) {
      const time = note.querySelector("time");
      if (lost && note.hidden && time) time.textContent = new Date().toLocaleTimeString("en-GB");
      note.hidden = !lost;
    }
  };
  // What a person pressed and the server refused must not look as if it were done.
  const refused = (event) => {
    if (event.detail.requestConfig?.verb !== "get") document.getElementById("refused").hidden = false;
  };
  document.addEventListener("htmx:responseError", refused);
  document.addEventListener("htmx:sendError", (event) => {
    offline(true);
    refused(event);
  });
  document.addEventListener("htmx:afterOnLoad", () => offline(false));
})();
