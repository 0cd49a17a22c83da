// What recording makes of things that were sent: the part of the page that tells it is asked for again, at the address
// that it names, until recording has answered for all of them.
"use strict";
const every = 1000; // milliseconds
async function renew() {
  const now = document.querySelector("[data-following]");
  try {
    const answer = await fetch(now.dataset.following || location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(now.id);
      // each element stays, so that a table keeps its place and a screen reader says what is new
      const parts = (of) => [of, ...of.querySelectorAll("*")].filter((each) => each.matches("[role=status], tbody"));
      const fresh = parts(next);
      parts(now).forEach((old, at) => {
        old.className = fresh[at].className;
        if (old.innerHTML !== fresh[at].innerHTML) old.replaceChildren(...fresh[at].childNodes);
      });
      if (next.dataset.following === undefined) return now.removeAttribute("data-following");
    }
  } catch { /* away for a moment: the next time will tell */ }
  setTimeout(renew, every);
}
setTimeout(renew, every);
