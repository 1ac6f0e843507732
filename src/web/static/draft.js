"use strict";
// Saves a section of a practice while somebody writes. Without this file the Save button does.
(() => {
  const form = document.querySelector("form[data-autosave]");
  const said = document.getElementById("autosaved");
  if (!form || !said || !window.fetch) return;
  const WAIT = 4000;
  const values = () => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (name !== "clear" && !name.startsWith("mine/")) asked.append(name, value);
    return asked;
  };
  const words = (asked) => {
    const copy = new URLSearchParams(asked);
    copy.delete("revision");
    copy.delete("form_token");
    return copy.toString();
  };
  let kept = words(values());
  let timer = 0, running = false, leaving = false, pending = null, stopped = Boolean(document.getElementById("conflicts"));
  const revision = form.querySelector("input[name=revision]");
  // A colleague saved other words of this section meanwhile: they are shown where nothing was typed since.
  const renew = async (sent) => {
    const answer = await fetch(form.action, { headers: { Accept: "text/html" } });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("form[data-autosave]");
    if (!fresh) return false;
    const controls = (f) => [...f.elements].filter((e) => e.name && e.type !== "hidden" && e.tagName !== "BUTTON" && e.tagName !== "FIELDSET");
    const [ours, theirs] = [controls(form), controls(fresh)];
    const same = ours.length === theirs.length && ours.every((e, i) => e.name === theirs[i].name);
    if (!same || words(values()) !== words(sent)) return false;
    ours.forEach((e, i) => {
      if (e.type === "checkbox") e.checked = theirs[i].checked;
      else if (e.value !== theirs[i].value) e.value = theirs[i].value;
    });
    revision.value = fresh.querySelector("input[name=revision]").value;
    kept = words(values());
    return true;
  };
  const save = async () => {
    if (running || leaving || stopped) return;
    const sent = values();
    if (words(sent) === kept) return;
    running = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      if (!answer.ok) {
        const problem = await answer.json().catch(() => ({}));
        said.textContent = "Not saved: " + (problem.detail ?? "press Save to see why.");
        if (answer.status === 409) stopped = true;
        return;
      }
      const saved = await answer.json();
      kept = words(sent);
      if (saved.others) {
        if (!(await renew(sent))) {
          stopped = true;
          said.textContent = "A colleague changed this section too. Press Save to bring both together.";
          return;
        }
      } else {
        revision.value = String(saved.revision);
      }
      const now = new Date();
      said.textContent = "Saved at " + String(now.getHours()).padStart(2, "0") + ":" + String(now.getMinutes()).padStart(2, "0");
    } catch {
      said.textContent = "Not saved yet: there is no connection. It is tried again.";
      timer = setTimeout(save, WAIT * 4);
    } finally {
      running = false;
      if (pending) form.requestSubmit(pending.submitter);
      else if (!stopped && words(values()) !== words(sent)) {
        clearTimeout(timer);
        timer = setTimeout(save, WAIT);
      }
    }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, WAIT); });
  form.addEventListener("submit", (e) => {
    leaving = true;
    clearTimeout(timer);
    // One after the other: a save that is under way counts as somebody else's otherwise.
    if (running) {
      e.preventDefault();
      pending = { submitter: e.submitter };
    }
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
})();
