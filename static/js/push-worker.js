/* Shows a notification that was pushed, and opens its address when it is pressed. It keeps nothing. */
"use strict";

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data ? event.data.json() : {};
  } catch {
    return;
  }
  if (!said.title) return;
  const shown = { body: said.body || "", tag: said.tag || "", data: { url: said.url || "" } };
  event.waitUntil(self.registration.showNotification(said.title, shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url || "/messages/", self.location.origin);
  if (url.protocol !== "https:" && url.protocol !== "http:") return;
  event.waitUntil(self.clients.openWindow(url.href));
});
