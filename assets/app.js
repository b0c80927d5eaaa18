// Small comforts of every page: the theme without a page load, a filter for lessons, keys. All of it works without, too.

const root = document.documentElement;
const typing = (target) => target.closest("input, textarea, select, [contenteditable='true']") !== null;

// Theme: a cookie, so that the server knows it and no page flashes.
function choose(theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const value = theme === "system" ? "theme=; Max-Age=0" : `theme=${theme}; Max-Age=31536000`;
  document.cookie = `${value}; Path=/; SameSite=Lax${secure}`;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of document.querySelectorAll(".themes button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

document.querySelector(".themes")?.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  event.preventDefault();
  choose(button.value);
});

// Lessons by a part of their title.
const filter = document.getElementById("filter");
const side = document.getElementById("course");
if (filter) {
  filter.hidden = false;
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const item of side.querySelectorAll("li")) item.hidden = !item.textContent.toLowerCase().includes(wanted);
    for (const heading of side.querySelectorAll("h2")) {
      heading.hidden = ![...heading.nextElementSibling.children].some((item) => !item.hidden);
    }
  });
  filter.addEventListener("keydown", (event) => {
    const first = side.querySelector("li:not([hidden]) a");
    if (event.key === "Enter" && first) first.click();
    if (event.key === "Escape") {
      filter.value = "";
      filter.dispatchEvent(new Event("input"));
      filter.blur();
    }
  });
}

for (const keys of document.querySelectorAll(".keys, .actions .hint")) keys.hidden = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
  if (event.key === "/" && filter) {
    event.preventDefault();
    // On a small screen the list opens by its address.
    if (side.offsetParent === null) location.hash = "course";
    filter.focus();
  }
  if (event.key === "n") choose(isDark() ? "light" : "dark");
});

// Code that is wider than the page can be scrolled with the keyboard.
for (const block of document.querySelectorAll("pre:not([tabindex])")) {
  if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
}
