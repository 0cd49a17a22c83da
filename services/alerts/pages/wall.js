// Keeps the wall fresh: asks /wall.json every two seconds, and when something changed fetches the page again and puts
// its <main> in place of the old one (one renderer, the server's). When the server is away the last picture stays,
// hatched, and says since when.
"use strict";
(() => {
  const lost = document.getElementById("lost");
  const query = location.search;
  let heard = new Date();
  let timer;

  const get = async (path) => {
    const answer = await fetch(path + query, { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  };

  const redraw = async () => {
    const page = new DOMParser().parseFromString(await (await get("/wall")).text(), "text/html");
    const old = document.querySelector("main");
    const places = [...old.querySelectorAll(".scrolls")].map((each) => each.scrollTop);
    old.replaceWith(page.querySelector("main"));
    document.querySelectorAll(".scrolls").forEach((each, index) => { each.scrollTop = places[index] || 0; });
    document.getElementById("simulated").hidden = page.getElementById("simulated").hidden;
  };

  const refresh = async () => {
    try {
      const wall = await (await get("/wall.json")).json();
      if (wall.version !== document.querySelector("main").dataset.version) await redraw();
      for (const each of document.querySelectorAll("[data-clock]")) {
        each.textContent = (wall[each.dataset.clock] || "—").slice(0, 16).replace("T", " ");
      }
      document.querySelector("main").classList.toggle("stale", wall.stale);
      heard = new Date();
      lost.hidden = true;
    } catch (error) {
      lost.hidden = false;
      lost.querySelector("time").textContent = heard.toLocaleTimeString("zh-CN", { hour12: false });
    }
    document.body.classList.toggle("lost-backend", !lost.hidden);
    clearTimeout(timer);
    timer = setTimeout(refresh, 2000);
  };
  timer = setTimeout(refresh, 2000);
})();
