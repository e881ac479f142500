// The mapping workbench: keys on the current line, preview that follows, lines that move to their
// group after a decision. Everything here is also reachable by links and forms without scripts.
//   data-line-key="a"        key of the current line (it works inside a closed menu, too)
//   data-narrows="ID"        a search field that hides options of the select ID
//   data-reshow              changing this select shows the form anew for what was chosen
//   data-previews="URL"      changes in this form are previewed there before they are saved
//   data-dialog="ID"         opens the dialog ID
(() => {
  const LINE_KEYS = "aensu";
  const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
  const PREVIEW_DELAY = 120;
  const list = document.getElementById("lines");
  if (!list) return;

  const current = () => list.querySelector('.map-line[aria-current="true"]');

  function makeCurrent(line, { focus = true } = {}) {
    for (const other of list.querySelectorAll('.map-line[aria-current="true"]')) {
      if (other !== line) other.removeAttribute("aria-current");
    }
    if (!line) return;
    line.setAttribute("aria-current", "true");
    if (focus) {
      line.focus({ preventScroll: true });
      line.scrollIntoView({ block: "nearest" });
    }
    preview(line);
  }

  let waiting = 0;
  function preview(line) {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const query = new URLSearchParams({ line: line.dataset.line, version: list.dataset.version });
      htmx.ajax("GET", `${list.dataset.preview}?${query}`, { target: "#preview", swap: "innerHTML" });
    }, PREVIEW_DELAY);
  }

  function previewForm(form) {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const values = Object.fromEntries(new FormData(form));
      htmx.ajax("POST", form.dataset.previews, { target: "#preview", swap: "innerHTML", values });
    }, PREVIEW_DELAY);
  }

  // An open line that came with the page, or one that its address names, is brought into view.
  const asked = list.querySelector(".map-line.is-open") || (location.hash && current());
  if (asked) {
    asked.scrollIntoView({ block: "center" });
    asked.querySelector(".select--unmapped")?.focus({ preventScroll: true });
  }

  // ---------------------------------------------------------------- keys

  function press(key, line) {
    const element = line?.querySelector(`[data-line-key="${key}"]`);
    if (!element) return false;
    element.click();
    return true;
  }

  function lastDecided() {
    const last = document.getElementById("saved")?.dataset.last;
    return last && document.getElementById(`line-${last}`);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches?.(TYPING) || document.querySelector("dialog[open]")) return;
    const line = current();
    if (event.key === "Escape") {
      const open = list.querySelector(".map-line.is-open");
      if (open && press("escape", open)) event.preventDefault();
      return;
    }
    const key = event.key.toLowerCase();
    if (!LINE_KEYS.includes(key)) return;
    if (press(key, line) || (key === "u" && press(key, lastDecided()))) event.preventDefault();
  });

  list.addEventListener("list:moved", (event) => makeCurrent(event.target, { focus: false }));
  list.addEventListener("click", (event) => {
    const line = event.target.closest(".map-line");
    if (line && line !== current()) makeCurrent(line, { focus: false });
  });

  // ---------------------------------------------------------------- after a swap

  const groupOf = (line) => line.closest(".bench-group");

  function settle(line) {
    const from = groupOf(line);
    if (!from || from.dataset.group === line.dataset.group) return null;
    const next = line.nextElementSibling || line.previousElementSibling;
    const group = list.querySelector(`.bench-group[data-group="${line.dataset.group}"]`);
    const lines = group.querySelector("[data-lines]");
    const after = [...lines.children].find((o) => +o.dataset.position > +line.dataset.position);
    lines.insertBefore(line, after || null);
    group.removeAttribute("data-empty");
    from.toggleAttribute("data-empty", !from.querySelector(".map-line"));
    return next || [...list.querySelectorAll(".map-line")].find((o) => o.checkVisibility?.() ?? true);
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    // Settled: only then the line has its own class. The event comes once for each piece swapped.
    const id = event.target.id || "";
    if (!id.startsWith("line-") || event.detail.target?.id !== id) return;
    const line = document.getElementById(id);
    if (!line) return;
    if (line.classList.contains("is-open")) {
      for (const other of list.querySelectorAll(".map-line.is-open")) {
        if (other !== line) press("escape", other);
      }
      makeCurrent(line, { focus: false });
      const form = line.querySelector("form[data-previews]");
      if (form) previewForm(form);
      const first = line.querySelector(
        ".conflict .btn, [aria-invalid=true], .select--unmapped, .value-line .select, .panel__form .input",
      );
      (first || line).focus({ preventScroll: true });
      line.scrollIntoView({ block: "nearest" });
      return;
    }
    const byUndo = line.dataset.group !== "reviewed";
    const next = settle(line);
    makeCurrent(next && !byUndo ? next : line);
  });

  // ---------------------------------------------------------------- the open line's form

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-previews]");
    if (!form) return;
    if (event.target.matches("[data-reshow]")) form.requestSubmit(form.querySelector('[name="show"]'));
    else previewForm(form);
  });

  document.addEventListener("input", (event) => {
    const id = event.target.dataset?.narrows;
    if (!id) return;
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of document.getElementById(id).options) {
      const text = `${option.text} ${option.value}`.toLowerCase();
      option.hidden = !words.every((word) => text.includes(word));
    }
  });

  document.addEventListener("keydown", (event) => {
    const id = event.target.dataset?.narrows;
    if (!id || (event.key !== "Enter" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const select = document.getElementById(id);
    const first = [...select.options].find((option) => !option.hidden);
    if (!first) return;
    select.focus();
    if (select.value !== first.value) {
      select.value = first.value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog).showModal();
  });
})();
