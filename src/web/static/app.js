"use strict";
// Makes search quicker to use. Everything works without this file.
(() => {
  document.documentElement.classList.add("js");

  // Suggestions while typing: the combobox pattern of the ARIA Authoring Practices, focus stays in the box.
  document.querySelectorAll("input[data-suggest]").forEach((input) => {
    const id = input.id + "-list";
    const list = document.createElement("ul");
    list.id = id;
    list.className = "suggest";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Suggestions");
    list.hidden = true;
    const status = document.createElement("span");
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    const box = document.createElement("span");
    box.className = "suggest-box";
    input.replaceWith(box);
    box.append(input, list, status);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", id]]) {
      input.setAttribute(name, value);
    }
    let at = -1, timer = 0, running = null;

    const choose = (i) => {
      const options = [...list.children];
      at = i;
      options.forEach((o, n) => o.setAttribute("aria-selected", String(n === i)));
      if (i < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", options[i].id);
      options[i].scrollIntoView({ block: "nearest" });
    };
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      choose(-1);
    };
    const go = (option) => { if (option) window.location.assign(option.dataset.url); };
    const show = (items) => {
      list.replaceChildren(...items.filter((it) => it.url.startsWith("/") && !it.url.startsWith("//")).slice(0, 8).map((item, n) => {
        const li = document.createElement("li");
        li.id = id + "-" + n;
        li.setAttribute("role", "option");
        li.dataset.url = item.url;
        const kind = document.createElement("span");
        kind.className = "suggest__kind";
        kind.textContent = item.kind;
        li.append(item.text + " ", kind);
        li.addEventListener("pointerdown", (e) => e.preventDefault());
        li.addEventListener("click", () => go(li));
        return li;
      }));
      const n = list.children.length;
      choose(-1);
      list.hidden = n === 0;
      input.setAttribute("aria-expanded", String(n > 0));
      status.textContent = n === 0 ? "No suggestions" : n + (n === 1 ? " suggestion" : " suggestions");
    };
    const ask = async () => {
      running?.abort();
      const words = input.value.trim();
      if (words.length < 2) return close();
      running = new AbortController();
      try {
        const answer = await fetch("/api/v1/suggest?q=" + encodeURIComponent(words), { signal: running.signal, headers: { Accept: "application/json" } });
        if (answer.ok && document.activeElement === input) show((await answer.json()).items ?? []);
      } catch { /* an old question, or no network: the form still works */ }
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
    input.addEventListener("blur", () => { clearTimeout(timer); running?.abort(); close(); });
    input.addEventListener("keydown", (e) => {
      const n = list.children.length;
      if (e.key === "Escape" && !list.hidden) { e.preventDefault(); close(); }
      else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && n > 0) {
        e.preventDefault();
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
        choose(e.key === "ArrowDown" ? (at + 2) % (n + 1) - 1 : at < 0 ? n - 1 : at - 1);
      } else if (e.key === "Enter" && !list.hidden && at >= 0) { e.preventDefault(); go(list.children[at]); }
    });
  });

  // Filters answer at once: the new page is fetched and its results and counts take the place of the old ones.
  const form = document.querySelector("form[data-live-form]");
  if (!form) return;
  const announce = document.getElementById("announce");
  let running = null;
  const address = () => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value && !(name === "sort" && value === "relevance") && !(name === "match" && value === "auto")) asked.append(name, value);
    }
    const query = asked.toString();
    return form.action.split("?")[0] + (query ? "?" + query : "");
  };
  const load = async (url, push) => {
    running?.abort();
    running = new AbortController();
    const results = document.getElementById("results");
    results.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: running.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const focused = document.activeElement?.id;
      const open = [...document.querySelectorAll("details[open][id]")].map((d) => d.id);
      document.querySelectorAll("[data-live]").forEach((old) => {
        const fresh = page.querySelector(`[data-live="${old.dataset.live}"]`);
        if (fresh) old.replaceChildren(...fresh.childNodes);
      });
      document.querySelector("#filters > summary")?.replaceChildren(...(page.querySelector("#filters > summary")?.childNodes ?? []));
      open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      document.title = page.title;
      if (push) history.pushState(null, "", url);
      announce.textContent = document.getElementById("count")?.textContent ?? "";
      results.removeAttribute("aria-busy");
    } catch (e) {
      if (e.name !== "AbortError") window.location.assign(url);
    }
  };
  document.addEventListener("change", (e) => {
    if (e.target.form === form && e.target.matches("select, [type=checkbox]")) load(address(), true);
  });
  window.addEventListener("popstate", () => window.location.reload());
})();
