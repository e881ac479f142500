// Theme switch: buttons with data-theme-choice="system|light|dark".
// The choice lives in the cookie `theme`, so the server writes data-theme before the first paint.
(() => {
  const root = document.documentElement;
  const YEAR_SECONDS = 31536000;

  const current = () => root.dataset.theme || "system";

  function show() {
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === current()));
    }
    for (const box of document.querySelectorAll("[data-theme-switch]")) box.hidden = false;
  }

  function choose(theme) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const age = theme === "system" ? 0 : YEAR_SECONDS;
    document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    show();
    root.dispatchEvent(new CustomEvent("theme:changed", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (button) choose(button.dataset.themeChoice);
  });
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("htmx:load", show);
})();
