// Search while one types. Without this the form leads to a page of results.

import { on } from "./keys.js";

const form = document.querySelector("form.find");
const field = document.getElementById("find");
const list = document.getElementById("found");
const words = document.getElementById("found-words");
const side = document.getElementById("course");
const KINDS = { lesson: () => "Lesson", section: (place) => `In ${place.lesson}`, exercise: (place) => `Exercise in ${place.lesson}`, term: (place) => place.lesson };

if (form) {
  field.placeholder += "  /";
  let asked = 0;
  let answered = "";
  const show = (results, query) => {
    list.replaceChildren(
      ...results.map((place) => {
        const link = document.createElement("a");
        link.href = place.url;
        const [title, about] = [document.createElement("span"), document.createElement("small")];
        title.textContent = place.title;
        about.textContent = KINDS[place.kind](place);
        link.append(title, about);
        const item = document.createElement("li");
        item.append(link);
        return item;
      }),
    );
    answered = query;
    const searching = query !== "";
    list.hidden = results.length === 0;
    form.classList.toggle("searching", searching);
    words.classList.toggle("unseen", !searching || results.length > 0);
    words.textContent = !searching ? "" : results.length === 0 ? "Nothing fits." : `${results.length} found`;
  };
  const ask = async () => {
    const query = field.value.trim();
    const mine = ++asked;
    if (query === "") return show([], "");
    try {
      const answer = await fetch(`/api/v1/search?q=${encodeURIComponent(query)}`);
      const { results } = await answer.json();
      // An answer that comes after a later question is not shown.
      // Nor is one that would take a link from under somebody.
      if (mine === asked && !list.contains(document.activeElement)) show(results, query);
    } catch {
      // The form still works once the server does.
    }
  };
  // At once: the server has the answer in its memory, and waiting for a pause would take longer than asking.
  field.addEventListener("input", ask);
  form.addEventListener("submit", (event) => {
    const first = list.querySelector("a");
    // Of what was typed since nothing is known: the page of results is.
    if (list.hidden || !first || answered !== field.value.trim()) return;
    event.preventDefault();
    first.click();
  });
  form.addEventListener("keydown", (event) => {
    const stops = [field, ...list.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    if (event.key === "Escape") {
      field.value = "";
      asked += 1;
      show([], "");
      field.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const wanted = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (at < 0 || !wanted) return;
      event.preventDefault();
      wanted.focus();
    }
  });
  on("/", () => {
    // On a small screen the list opens by its address.
    if (side.offsetParent === null) location.hash = "course";
    field.focus();
    field.select();
  });
}
