/*
 * All the script of our own there is. Every page works without it; it only adds comfort.
 * It reads data-* attributes, never code: no inline handlers, no eval.
 *
 *   data-submit            a select that sends its form when changed
 *   data-open="ID"         opens the dialog ID; data-close closes the one around it
 *   data-dismiss           takes the toast around it away; data-toast goes by itself after its seconds
 *   data-search, data-go   the keys "/" and "g x"; data-help is what "?" presses
 *   data-tip               the words beside the pointer over a chart
 *   data-copy="TEXT"       copies the text
 *   data-share="URL"       hands the address to the device's own sharing; hidden where it has none
 *   body[data-worker]      the worker that shows a page of its own where there is no line
 *   data-install           offers to put the pages on the home screen; hidden where the browser does not offer it
 *   data-back="ID"         what ID names takes the focus once the answer to this form or link stands on the page
 *   data-focus             takes the focus when the page opens (an error summary)
 */
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- forms
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });

  // A second press while the first is under way sends nothing. Where a file came back the page stands as it was.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  if (navigator.share) all("[data-share]").forEach((button) => (button.hidden = false));

  // ---- dialogs, toasts
  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    const opener = hit("[data-open]");
    if (opener) document.getElementById(opener.dataset.open).showModal();
    if (hit("[data-close]")) {
      event.preventDefault();
      hit("dialog").close();
    }
    if (hit("[data-dismiss]")) hit("[data-dismiss]").closest(".toast").remove();
    const sharer = hit("[data-share]");
    if (sharer) navigator.share({ title: sharer.dataset.shareTitle, url: sharer.dataset.share }).catch(() => {});
    const copier = hit("[data-copy]");
    if (copier) navigator.clipboard.writeText(copier.dataset.copy).then(() => say(copier.dataset.copied));
  });

  const leaveLater = (toast) => setTimeout(() => toast.remove(), 1000 * (Number(toast.dataset.toast) || 10));
  all("[data-toast]").forEach(leaveLater);

  /** Shows a toast from the page's template; `again` is called by its button. */
  const say = (words, again) => {
    const template = one("#toast");
    const place = one(".toasts");
    if (!template || !place || !words) return;
    const toast = template.content.firstElementChild.cloneNode(true);
    one("[data-words]", toast).textContent = words;
    const retry = one("[data-again]", toast);
    retry.hidden = !again;
    retry.addEventListener("click", () => {
      toast.remove();
      again();
    });
    place.append(toast);
    leaveLater(toast);
  };

  // ---- keys
  let pressedG = 0;
  document.addEventListener("keydown", (event) => {
    if (document.documentElement.dataset.keys === "off") return;
    if (event.target.closest("input, select, textarea, dialog, [contenteditable]")) return;
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const search = one("[data-search]");
    if (event.key === "/" && search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "?") {
      one("[data-help]")?.click();
    } else if (event.key === "g") {
      pressedG = Date.now();
    } else if (Date.now() - pressedG < 900) {
      const link = one(`[data-go="${CSS.escape(event.key)}"]`);
      pressedG = 0;
      if (link) link.click();
    }
  });

  // ---- words beside the pointer over a chart: lines "label<two spaces>value"
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  const tipLine = (line) => {
    const [label, value] = line.split("  ");
    const paragraph = document.createElement("p");
    paragraph.append(label);
    if (value) {
      const strong = document.createElement("b");
      strong.textContent = value;
      paragraph.append(strong);
    }
    return paragraph;
  };
  document.addEventListener("pointermove", (event) => {
    const spot = event.target.closest?.("[data-tip]");
    tip.hidden = !spot;
    if (!spot) return;
    if (tip.dataset.words !== spot.dataset.tip) {
      tip.replaceChildren(...spot.dataset.tip.split("\n").map(tipLine));
      tip.dataset.words = spot.dataset.tip;
    }
    if (!tip.isConnected) document.body.append(tip);
    tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${Math.max(8, event.clientY - tip.offsetHeight - 12)}px`;
  });

  // ---- htmx swaps nothing on an error by itself: a refused form is shown, a fault or a lost line becomes a toast
  const FORM_ANSWERS = [400, 409, 422];
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!FORM_ANSWERS.includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const back = event.detail.requestConfig?.elt.dataset.back;
    if (back) document.getElementById(back)?.focus();
  });
  const failed = (event) => {
    const { elt, requestConfig } = event.detail;
    const again = () =>
      window.htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, values: requestConfig.parameters });
    say(document.body.dataset.failed, again);
  };
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:timeout", failed);

  // ---- on the home screen, and without a line
  const worker = document.body.dataset.worker;
  if (worker && "serviceWorker" in navigator) {
    window.addEventListener("load", () => navigator.serviceWorker.register(worker).catch(() => {}));
  }
  const installer = one("[data-install]");
  window.addEventListener("beforeinstallprompt", (offer) => {
    if (!installer) return;
    offer.preventDefault();
    installer.hidden = false;
    installer.onclick = () => offer.prompt();
  });
  window.addEventListener("appinstalled", () => installer && (installer.hidden = true));

  one("[data-focus]")?.focus();
})();
