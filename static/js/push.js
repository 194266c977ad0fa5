/*
 * Lets this browser show notifications: form[data-push-key] asks the browser, then is sent like any other form.
 * Where a browser cannot, the form stays hidden and the sentence beside it stays.
 */
(() => {
  "use strict";
  const form = document.querySelector("form[data-push-key]");
  if (!form || !("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return;
  form.hidden = false;
  const refused = document.querySelector("[data-push-refused]");

  const subscribe = async () => {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("refused");
    const registration = await navigator.serviceWorker.register(form.dataset.pushWorker, { scope: "/" });
    await navigator.serviceWorker.ready;
    const earlier = await registration.pushManager.getSubscription();
    if (earlier) await earlier.unsubscribe();
    return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: form.dataset.pushKey });
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    subscribe().then(
      (subscription) => {
        form.elements.subscription.value = JSON.stringify(subscription);
        form.submit();
      },
      () => {
        delete form.dataset.sent;
        if (refused) refused.hidden = false;
      },
    );
  });
})();
