// A button that copies the text of an element: <button data-copy="its id" data-copied="what to say">.
"use strict";
document.querySelectorAll("[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
    document.getElementById("copied").textContent = button.dataset.copied;
  });
});
