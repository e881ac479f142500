// What is wrong with a page that every page must have right; a list of sentences.
() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) {
    const clipped = (e) => {
      for (let up = e.parentElement; up && up !== document.body; up = up.parentElement) {
        if (getComputedStyle(up).overflowX !== "visible") return true;
      }
    };
    const wide = [...document.querySelectorAll("body *")]
      .filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1 && !clipped(e))
      .map((e) => `${e.tagName.toLowerCase()}.${e.getAttribute("class")}`);
    faults.push(`the body is ${root.scrollWidth} wide, the window ${root.clientWidth}: ${wide.slice(0, 3)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`id ${id} twice`);

  const text = (e) => (e ? e.textContent.trim() : "");
  const referred = (e) => (e.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean)
    .map((id) => text(document.getElementById(id))).join("");
  const within = (e) => [...e.querySelectorAll("img[alt], [aria-label]")]
    .map((i) => i.getAttribute("alt") || i.getAttribute("aria-label")).join("");
  const named = (e) => e.getAttribute("aria-label") || referred(e) || text(e) || within(e) || e.title;
  const labelled = (e) => e.getAttribute("aria-label") || referred(e) || e.title ||
    [...(e.labels || [])].map(text).join("") || (["submit", "reset"].includes(e.type) && e.value);
  const shown = (e) => `${e.tagName.toLowerCase()} ${e.outerHTML.slice(0, 120)}`;
  for (const e of document.querySelectorAll("a[href], button, summary, [role=button]")) {
    if (!named(e)) faults.push(`no name: ${shown(e)}`);
  }
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!labelled(e)) faults.push(`no label: ${shown(e)}`);
  }
  for (const e of document.querySelectorAll("img")) {
    if (!e.hasAttribute("alt")) faults.push(`no alt: ${shown(e)}`);
    if (e.complete && !e.naturalWidth) faults.push(`not loaded: ${shown(e)}`);
  }
  for (const e of document.querySelectorAll("svg:not([aria-hidden=true])")) {
    if (!named(e) && !e.closest("[aria-hidden=true]")) faults.push(`no name: ${shown(e)}`);
  }
  for (const e of document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]")) {
    const of = `${e.getAttribute("aria-labelledby") || ""} ${e.getAttribute("aria-describedby") || ""} ${e.htmlFor || ""}`;
    for (const id of of.split(/\s+/).filter(Boolean)) {
      if (!document.getElementById(id)) faults.push(`nothing has the id ${id}: ${shown(e)}`);
    }
  }
  for (const e of document.querySelectorAll("form[method=post]")) {
    if (!e.querySelector("[name=csrfmiddlewaretoken]")) faults.push(`no token: ${shown(e)}`);
  }
  const headings = document.querySelectorAll("h1").length;
  if (headings !== 1) faults.push(`${headings} h1`);
  if (!document.title.trim()) faults.push("no title");
  if (!root.lang) faults.push("no language");
  return faults;
}
