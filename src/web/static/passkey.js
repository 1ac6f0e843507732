"use strict";
// Passkeys: asks the browser for one and puts its answer into the form. Without this file the pages offer other ways.
(() => {
  const show = (selector, there) => document.querySelectorAll(selector).forEach((e) => { e.hidden = !there; });
  // Browsers make no passkeys for an address that is a number.
  const number = /^[\d.]+$|:/.test(window.location.hostname);
  if (!window.PublicKeyCredential || !navigator.credentials || number) return;
  show("[data-passkey-with]", true);
  show("[data-passkey-without]", false);

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => {
    const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  const create = async (options) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    const known = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];
    return answer(made, {
      attestationObject: text(made.response.attestationObject),
      transports: (made.response.getTransports?.() ?? []).filter((way) => known.includes(way)),
    });
  };
  const get = async (options) => {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
    const used = await navigator.credentials.get({ publicKey });
    return answer(used, {
      authenticatorData: text(used.response.authenticatorData),
      signature: text(used.response.signature),
      userHandle: used.response.userHandle ? text(used.response.userHandle) : null,
    });
  };
  const answer = (credential, response) => JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: {},
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  });

  // The reason in words. What the browser says is in its own language of errors.
  const reason = (error) => {
    if (error?.name === "InvalidStateError") return "This device has a passkey for this site already.";
    if (error?.name === "NotAllowedError") return "The device did not confirm, so nothing was done. Try again.";
    return error?.sentence ?? "That did not work. Try again, or use another way.";
  };
  const ask = async (form) => {
    const token = form.elements.form_token?.value;
    const headers = { Accept: "application/json", ...(token ? { "X-Form-Token": token } : {}) };
    const reply = await fetch(form.dataset.options, { method: "POST", headers });
    const said = await reply.json().catch(() => ({}));
    if (!reply.ok) throw Object.assign(new Error("refused"), { sentence: said.detail });
    return said;
  };

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const says = form.querySelector("[data-passkey-says]");
    const next = form.querySelector("[data-passkey-next]");
    if (next) {
      const other = document.querySelector("input[name=next]:not([data-passkey-next])");
      next.value = other?.value || new URLSearchParams(window.location.search).get("next") || "";
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      says.textContent = "Confirm on your device.";
      try {
        const options = await ask(form);
        form.elements.credential.value = await (form.dataset.passkey === "create" ? create(options) : get(options));
        form.submit();
      } catch (error) {
        says.textContent = reason(error);
        button.disabled = false;
      }
    });
  });
})();
