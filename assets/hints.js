// Hints, one after the other, without a page load.

/** Lets the button for the next hint of an exercise show it in place. */
export function giveHints(section) {
  const box = section.querySelector("[data-hints]");
  const live = section.querySelector("[data-live]");
  box?.addEventListener("click", async (event) => {
    const button = event.target.closest("button[formaction]");
    if (!button) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      const answer = await fetch(button.formAction, { method: "POST", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error((await answer.json()).detail);
      const { hint, next } = await answer.json();
      // Who went on elsewhere meanwhile stays there.
      const free = [button, document.body].includes(document.activeElement);
      const details = document.createElement("details");
      details.open = true;
      const [summary, text] = [document.createElement("summary"), document.createElement("div")];
      summary.textContent = hint.summary;
      // Text of the lesson, rendered and made safe by the server.
      text.innerHTML = hint.html;
      details.append(summary, text);
      button.before(details);
      if (next) {
        button.formAction = button.formAction.replace(/\d+(#.*)?$/, `${next.number}$1`);
        button.textContent = `Show hint ${next.number} of ${next.of}`;
        button.removeAttribute("aria-disabled");
      } else {
        button.remove();
      }
      if (free) summary.focus();
    } catch (error) {
      live.textContent = error instanceof TypeError ? "The server cannot be reached. Please try again." : error.message;
      button.removeAttribute("aria-disabled");
    }
  });
}
