// Keeps the wall fresh and turns it: asks for the page again every five seconds and puts the new #wall in place of the
// old one (one renderer, the server's); shows one view at a time, 15 seconds each. Space pauses, the arrows turn. Who
// prefers less motion turns by hand. When the server is away the last picture stays, hatched, and says since when.
"use strict";
(() => {
  const lost = document.getElementById("lost");
  let view = 0, paused = matchMedia("(prefers-reduced-motion: reduce)").matches, heard = new Date(), turned = Date.now();

  const views = () => [...document.querySelectorAll("[data-view]")].map((each) => each.dataset.view); // one without a row is not there
  const draw = () => {
    const turning = document.querySelector(".turning");
    turning.hidden = false;
    turning.querySelector("[data-pausing]").textContent = paused ? turning.dataset.resume : turning.dataset.pause;
    turning.querySelectorAll("[data-turn]").forEach((each, index) => each.setAttribute("aria-pressed", String(index === view)));
    document.querySelectorAll("[data-view]").forEach((each) => { each.hidden = each.dataset.view !== views()[view]; });
  };
  const turn = (to) => { const count = views().length; view = (to + count) % count; turned = Date.now(); draw(); };
  const pause = () => { paused = !paused; turned = Date.now(); draw(); };

  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(8000) });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const focused = document.activeElement?.closest?.("[data-turn], [data-pausing]");
      const again = focused && (focused.dataset.turn ? `[data-turn=${focused.dataset.turn}]` : "[data-pausing]");
      document.getElementById("wall").replaceWith(page.getElementById("wall"));
      view = Math.min(view, views().length - 1);
      draw();
      if (again) document.querySelector(again).focus();
      heard = new Date();
      lost.hidden = true;
    } catch (error) {
      lost.hidden = false;
      lost.querySelector("time").textContent = heard.toLocaleTimeString("zh-CN", { hour12: false });
      document.getElementById("wall").classList.add("stale");
    }
    setTimeout(refresh, 5000);
  };

  document.addEventListener("click", (event) => {
    const to = event.target.closest("[data-turn]");
    if (to) turn(views().indexOf(to.dataset.turn));
    if (event.target.closest("[data-pausing]")) pause();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("a, button, input, select, textarea") && event.key === " ") return;
    if (event.key === " ") { event.preventDefault(); pause(); }
    if (event.key === "ArrowRight") turn(view + 1);
    if (event.key === "ArrowLeft") turn(view - 1);
  });
  setInterval(() => { if (!paused && Date.now() - turned >= 15000) turn(view + 1); }, 500);
  draw();
  setTimeout(refresh, 5000);
})();
