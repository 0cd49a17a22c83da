// What recording makes of things that were sent: the rows are asked for again until it has answered for all of them.
"use strict";
const every = 1000; // milliseconds
async function renew() {
  const now = document.getElementById("outcomes");
  if (now.dataset.following !== "yes") return;
  try {
    const answer = await fetch(`${location.pathname}/rows${location.search}`, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("outcomes");
      if (next.innerHTML !== now.innerHTML) {
        now.querySelector("tbody").replaceWith(next.querySelector("tbody")); // the table keeps its place and its focus
        now.querySelector("[role=status]").textContent = next.querySelector("[role=status]").firstChild.textContent;
        now.dataset.following = next.dataset.following;
      }
    }
  } catch { /* away for a moment: the next time will tell */ }
  setTimeout(renew, every);
}
setTimeout(renew, every);
