// Keyboard shortcuts, declared in markup:
//   data-key="a"             press A: click this element (or focus it, if it is a field)
//   data-key="/"             any single printable key; "mod+k" is Ctrl K, or Command K on a Mac
//   data-key-list=".line"    on a container: J and K move through its matching children; the
//                            current one has aria-current="true", is focused and scrolled to
// A data-key inside the current item of a list wins over the same key elsewhere on the page.
// Keys are ignored while typing, with a dialog open elsewhere, and with modifiers held.
(() => {
  const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
  const FIELD = "input, textarea, select";

  const visible = (element) => element.getClientRects().length > 0;
  const scope = () => document.querySelector("dialog[open]") || document;

  function target(key) {
    const selector = `[data-key="${CSS.escape(key)}"]`;
    const here = scope().querySelector(`[data-key-list] [aria-current="true"]`);
    const candidates = [
      ...(here ? here.querySelectorAll(selector) : []),
      ...scope().querySelectorAll(selector),
    ];
    return candidates.find((element) => visible(element) && !element.disabled);
  }

  function move(step) {
    const list = scope().querySelector("[data-key-list]");
    if (!list) return false;
    const items = [...list.querySelectorAll(list.dataset.keyList)].filter(visible);
    if (!items.length) return false;
    const at = items.findIndex((item) => item.getAttribute("aria-current") === "true");
    const next = items[Math.min(Math.max(at + step, 0), items.length - 1)];
    if (at >= 0) items[at].removeAttribute("aria-current");
    next.setAttribute("aria-current", "true");
    if (!next.hasAttribute("tabindex") && !next.matches("a, button")) next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    next.dispatchEvent(new CustomEvent("list:moved", { bubbles: true }));
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const mod = event.ctrlKey || event.metaKey;
    if (event.altKey || event.isComposing) return;
    const typing = event.target.matches?.(TYPING);
    if (event.key === "Escape" && typing) return event.target.blur();
    if (typing && !mod) return;
    const key = (mod ? "mod+" : "") + event.key.toLowerCase();
    const element = target(key);
    if (element) {
      event.preventDefault();
      if (element.matches(FIELD)) element.focus();
      else element.click();
    } else if (!mod && (key === "j" || key === "k")) {
      if (move(key === "j" ? 1 : -1)) event.preventDefault();
    }
  });
})();
