// A button that copies the text of an element without what does not print: <button data-copy="its id" data-copied="what to say">.
"use strict";
document.querySelectorAll("[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const list = document.getElementById(button.dataset.copy);
    const others = list.querySelectorAll(".noprint");  // buttons between the lines are no part of the text
    others.forEach((each) => { each.hidden = true; });
    const text = list.innerText;
    others.forEach((each) => { each.hidden = false; });
    await navigator.clipboard.writeText(text);
    document.getElementById("copied").textContent = button.dataset.copied;
  });
});
