// What recording made of a statement that was just sent: the notice is asked for again until it says so.
"use strict";
const renew = async () => {
  const now = document.getElementById("sent");
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("sent");
      if (next && !next.dataset.awaited) {
        now.replaceChildren(...next.childNodes); // the element stays, so that a screen reader says what is new in it
        delete now.dataset.awaited;
        return;
      }
    }
  } catch { /* away for a moment: the next time will tell */ }
  setTimeout(renew, 1000);
};
setTimeout(renew, 1000);
