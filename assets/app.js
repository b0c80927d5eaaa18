// Small comforts of every page: the theme without a page load, search, keys. All of it works without, too.

import { on } from "./keys.js";
import "./search.js";

const root = document.documentElement;

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
on("n", () => choose(isDark() ? "light" : "dark"));

for (const hint of document.querySelectorAll(".actions .hint")) hint.hidden = false;

// Code that is wider than the page can be scrolled with the keyboard.
for (const block of document.querySelectorAll("pre:not([tabindex])")) {
  if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
}
