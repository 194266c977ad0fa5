/*
 * The members' worker: with no line it shows a page that says so, and it shows what is pushed.
 * It keeps that page and the files named in HOUSE, which the server writes above; never a page of a member's own.
 */
"use strict";

const KEEP = `house-${HOUSE.version}`;
const APART = ["/console/", "/api/", "/elsewhere/"];

/** Fetches the page anew, with the reader's language and colours. */
const keepOffline = async () => {
  const answer = await fetch(HOUSE.offline, { cache: "no-store" });
  if (answer.ok) await (await caches.open(KEEP)).put(HOUSE.offline, answer);
};

const keepFiles = async () => (await caches.open(KEEP)).addAll(HOUSE.files);

const dropOlder = async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("house-") && name !== KEEP).map((name) => caches.delete(name)));
};

self.addEventListener("install", (event) => {
  event.waitUntil(Promise.all([keepFiles(), keepOffline()]).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const early = self.registration.navigationPreload?.enable();
  event.waitUntil(Promise.all([dropOlder(), early]).then(() => self.clients.claim()));
});

// ---- pages and files

const languageOf = (answer) => answer?.headers.get("Content-Language");

/** A language chosen on the way is the offline page's too; colours come with the next worker or choice. */
const followReader = async (request, answer) => {
  const kept = await caches.match(HOUSE.offline);
  const isChoice = request.method === "POST" && new URL(request.url).pathname.startsWith(HOUSE.choices);
  if (isChoice || (languageOf(answer) && languageOf(answer) !== languageOf(kept))) await keepOffline();
};

const openPage = async (event) => {
  try {
    const answer = (await event.preloadResponse) || (await fetch(event.request));
    event.waitUntil(followReader(event.request, answer.clone()).catch(() => {}));
    return answer;
  } catch (fault) {
    const kept = await caches.match(HOUSE.offline);
    if (!kept) throw fault;
    return kept;
  }
};

const openFile = async (request) => (await caches.match(request)) || fetch(request);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (!APART.some((start) => pathname.startsWith(start))) event.respondWith(openPage(event));
  } else if (request.method === "GET" && HOUSE.files.includes(pathname)) {
    event.respondWith(openFile(request));
  }
});

// ---- what is pushed

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data ? event.data.json() : {};
  } catch {
    return;
  }
  if (!said.title) return;
  const shown = { body: said.body || "", tag: said.tag || "", data: { url: said.url || "" }, ...HOUSE.icons };
  event.waitUntil(self.registration.showNotification(said.title, shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url || "/messages/", self.location.origin);
  if (url.protocol !== "https:" && url.protocol !== "http:") return;
  event.waitUntil(self.clients.openWindow(url.href));
});
