// The room that a result takes. What a reader sees below it must not move when a result comes: one that is larger than the
// room is held in it, to be scrolled there or shown whole, as long as what follows is in view. Out of view it may move.

/** From now on the result takes at least the room it takes now. */
export function keep(result) {
  result.style.minHeight = `${result.offsetHeight}px`;
  release(result);
}

/** To be called when the result has come. */
export function fit(result) {
  const { top, height } = result.getBoundingClientRect();
  const room = Number.parseFloat(result.style.minHeight);
  const end = top + room;
  if (!(height > room + 1) || end >= innerHeight || end <= 0) return;
  const more = document.createElement("button");
  more.type = "button";
  more.className = "more";
  more.textContent = "Show all of it";
  more.addEventListener("click", () => release(result));
  result.append(more);
  result.classList.add("held");
  result.style.maxHeight = `${room}px`;
  result.scrollTop = 0;
  const gone = () => {
    if (!result.classList.contains("held")) removeEventListener("scroll", gone);
    else if (result.getBoundingClientRect().bottom >= innerHeight) release(result);
  };
  addEventListener("scroll", gone, { passive: true });
}

function release(result) {
  const more = result.querySelector(":scope > .more");
  const focused = more === document.activeElement;
  more?.remove();
  result.classList.remove("held");
  result.style.maxHeight = "";
  if (more && focused) result.focus({ preventScroll: true });
}
